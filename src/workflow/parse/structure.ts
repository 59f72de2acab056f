/** What the schema has to say about a document, in words and with places. */
import type * as z from 'zod';
import { suggestion } from '../../base/did-you-mean.ts';
import { isJsonObject } from '../../base/json.ts';
import type { WorkflowDocument } from '../document.ts';
import { workflowDocumentSchema } from '../document-schema.ts';
import { fieldsAt } from './known-fields.ts';
import type { Problem } from './problem.ts';

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** Fields that bound a workflow; their absence has a code of its own. */
const BOUNDS: Readonly<Record<string, string>> = {
  maxIterations: 'add a bound, for example `maxIterations: 3`',
  maxChildren: 'add a bound, for example `maxChildren: 20`',
};

export type Structure =
  | { readonly document: WorkflowDocument }
  | { readonly problems: readonly Problem[] };

export function checkStructure(document: unknown): Structure {
  const parsed = workflowDocumentSchema.safeParse(document);
  if (parsed.success) return { document: parsed.data };
  return { problems: parsed.error.issues.flatMap((issue) => toProblems(document, issue, [])) };
}

function toProblems(document: unknown, issue: Issue, base: Path): readonly Problem[] {
  const at = [...base, ...(issue.path as Path)];
  const value = valueAt(document, at);
  const name = nameOf(at);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(document, at, key));
    case 'invalid_type':
      if (value === undefined) return [missing(document, at)];
      return [wrongType(at, value, [expectation(issue.expected)])];
    case 'invalid_union':
      return ofUnion(document, issue, at, value);
    case 'invalid_value':
      return [notOneOf(document, at, value, issue.values.map(String))];
    case 'invalid_key':
      return [badId(at, String(at.at(-1)), 'key')];
    case 'invalid_format':
      return [badId(at, String(value))];
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
      const edge = issue.code === 'too_small' ? 'at least' : 'at most';
      const what = issue.origin === 'array' ? ` ${bound === 1 ? 'entry' : 'entries'}` : '';
      if (issue.origin === 'string') return [{ code: 'WF1005', message: `${name} is empty`, at }];
      return [
        {
          code: 'WF1005',
          message: `${name} is out of range`,
          at,
          label: `${edge} ${bound}${what}`,
        },
      ];
    }
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return [{ code: 'WF1005', message: `${name}: ${issue.message}`, at }];
  }
}

function ofUnion(
  document: unknown,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  at: Path,
  value: unknown,
): readonly Problem[] {
  const known = (issue as { readonly options?: readonly unknown[] }).options;
  if (issue.errors.length === 0) {
    if (value === undefined) return [missing(document, at)];
    return [notOneOf(document, at, value, (known ?? []).map(String))];
  }
  // Of the forms that a field may have, the one whose type fits says what is wrong.
  const fitting = issue.errors
    .filter((branch) => !branch.some(({ code, path }) => code === 'invalid_type' && !path.length))
    .sort((a, b) => a.length - b.length)[0];
  if (fitting !== undefined) return fitting.flatMap((inner) => toProblems(document, inner, at));
  if (value === undefined) return [missing(document, at)];
  const expected = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === 'invalid_type' ? [expectation(inner.expected)] : [])),
  );
  return [wrongType(at, value, [...new Set(expected)])];
}

function unknownField(document: unknown, at: Path, key: string): Problem {
  const fields = fieldsAt(document, at);
  const guess = suggestion(key, fields);
  return {
    code: 'WF1002',
    message: `unknown field \`${key}\` in ${ownerName(document, at)}`,
    at: [...at, key],
    part: 'key',
    label: 'not a field here',
    ...(guess === undefined && fields.length > 0
      ? { notes: [`fields here: ${fields.join(', ')}`] }
      : {}),
    help: guess,
  };
}

function missing(document: unknown, at: Path): Problem {
  const field = String(at.at(-1) ?? '');
  const owner = at.slice(0, -1);
  const bound = BOUNDS[field];
  const isNode = valueAt(document, [...owner, 'kind']) !== undefined;
  if (at.length === 0) return { code: 'WF1003', message: 'the document is empty', at };
  return {
    code: bound === undefined ? 'WF1003' : 'WF1305',
    message:
      bound === undefined
        ? `${ownerName(document, owner)} has no \`${field}\``
        : `${ownerName(document, owner)} has no upper bound`,
    at: isNode ? [...owner, 'kind'] : owner,
    label: `\`${field}\` is missing`,
    help: bound,
    ...(bound === undefined ? {} : { standIn: { at, value: 1 } }),
  };
}

function notOneOf(document: unknown, at: Path, value: unknown, values: readonly string[]): Problem {
  const field = String(at.at(-1) ?? '');
  const shown = typeof value === 'string' ? `\`${value}\`` : typeOf(value);
  // The discriminator of a node is said as what it is for.
  const what = field === 'kind' ? 'node kind' : nameOf(at).replaceAll('`', '');
  const use = field === 'kind' && value === 'use';
  const owner = field === 'kind' ? '' : ` in ${ownerName(document, at.slice(0, -1))}`;
  return {
    code: typeof value === 'string' || typeof value === 'number' ? 'WF1005' : 'WF1004',
    message: `unknown ${what} ${shown}${owner}`,
    at,
    ...(use ? { notes: ['`use` is resolved when a file is compiled; here it is too late'] } : {}),
    ...(values.length > 0 && !use ? { notes: [`one of: ${values.join(', ')}`] } : {}),
    help: typeof value === 'string' ? suggestion(value, values) : undefined,
  };
}

function wrongType(at: Path, value: unknown, expected: readonly string[]): Problem {
  const wanted = expected.join(' or ');
  return {
    code: 'WF1004',
    message: `${nameOf(at)} is ${typeOf(value)}, not ${wanted}`,
    at,
    label: `expected ${wanted}`,
  };
}

function badId(at: Path, id: string, part?: 'key'): Problem {
  return {
    code: 'WF1205',
    message: `\`${id.slice(0, 80)}\` is no id`,
    at,
    ...(part === undefined ? {} : { part }),
    notes: ['ids have 1 to 64 characters, no white space and none of $ / # @ [ ] ( ) { }'],
  };
}

/** The kind and id of the node that a path stands in, or the field that it ends with. */
function ownerName(document: unknown, at: Path): string {
  const value = valueAt(document, at);
  if (at.length === 0) return 'the workflow';
  const kind = isJsonObject(value) ? value['kind'] : undefined;
  const id = isJsonObject(value) ? value['id'] : undefined;
  if (typeof kind !== 'string') return nameOf(at);
  return typeof id === 'string' ? `${kind} \`${id}\`` : kind;
}

/** `field`, or `field[2]` for a member of a list. */
function nameOf(at: Path): string {
  const last = at.at(-1);
  if (last === undefined) return 'the document';
  return typeof last === 'string' ? `\`${last}\`` : `\`${String(at.at(-2) ?? '')}[${last}]\``;
}

export function valueAt(document: unknown, at: Path): unknown {
  let value: unknown = document;
  for (const segment of at) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment))
      return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}

const EXPECTATIONS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const expectation = (type: string): string => EXPECTATIONS[type] ?? type;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' ? `the number ${value}` : typeof value;
}
