/** What the schema has to say about a document, in words and with places. */
import { didYouMean, suggestion } from '../../base/did-you-mean.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import type { WorkflowDocument } from '../document.ts';
import { workflowJsonSchema } from '../json-schema.ts';
import { fieldsAt } from './known-fields.ts';
import { applyReading, broughtUp, type Reading, readingOf } from './meant.ts';
import type { Problem } from './problem.ts';
import { type Misfit, makeShape, type Shape, type Walk } from './shape.ts';
import { valueAt } from './values.ts';

type Path = readonly (string | number)[];

/** Fields that bound a workflow; their absence has a code of its own. */
const BOUNDS: Readonly<Record<string, string>> = {
  maxIterations: 'add a bound, for example `maxIterations: 3`',
  maxChildren: 'add a bound, for example `maxChildren: 20`',
};

/** What a field may be read as where it does not fit: nothing that stands beside it says something else then. */
const STAND_INS: Readonly<Record<string, Json>> = {
  maxIterations: 1,
  maxChildren: 1,
  rank: { by: 'cost' },
  by: 'cost',
};

function standInFor(at: Path): Pick<Problem, 'standIn'> {
  const value = STAND_INS[String(at.at(-1) ?? '')];
  return value === undefined ? {} : { standIn: { at, value } };
}

export type Structure = { readonly document: WorkflowDocument } | Misfitting;

/** A document that does not fit. Places are those of the document as it was read. */
export interface Misfitting {
  readonly problems: readonly Problem[];
  /** Those that stay when slips in names are read as what they mean. */
  readonly open: readonly Problem[];
  /** With what was meant in place of slips in names. */
  readonly read: unknown;
  readonly readings: readonly Reading[];
}

const MAX_SHOWN = 40;
/** More slips than anybody mends at once: what they hide can wait. */
const MAX_PROBLEMS = 50;
/** A slip that is read as what it means may show others below it, and so on. */
const MAX_PASSES = 16;

let shape: Shape | undefined;

export function checkStructure(document: unknown): Structure {
  const first = walk(document);
  if (first.problems.length === 0) return { document: first.copy as WorkflowDocument };
  const readings: Reading[] = [];
  const told: Problem[] = [];
  let read = document;
  let open = first.problems;
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    if (told.length + open.length > MAX_PROBLEMS) break;
    const meant = open.flatMap((problem) => {
      const reading = readingOf(read, problem);
      return reading === undefined ? [] : [{ problem, reading }];
    });
    if (meant.length === 0) break;
    read = structuredClone(read);
    for (const { problem, reading } of meant) {
      told.push(problem);
      readings.push(reading);
      applyReading(read, reading);
    }
    const isBroughtUp = broughtUp(read, readings);
    const said = new Set(told.map(sayingOf));
    open = walk(read).problems.filter((one) => !isBroughtUp(one.at) && !said.has(sayingOf(one)));
  }
  return { problems: [...told, ...open], open: walk(read).problems, read, readings };
}

const sayingOf = ({ at, message }: Problem): string => JSON.stringify([at.slice(0, -1), message]);

function walk(document: unknown): {
  readonly copy: unknown;
  readonly problems: readonly Problem[];
} {
  shape ??= makeShape(workflowJsonSchema());
  const steps: Walk = { at: [], misfits: [] };
  const copy = shape(document, steps);
  const problems = steps.misfits.flatMap((misfit) => toProblems(document, misfit));
  const told = new Set(problems.filter(isMisnamed).map(({ at }) => JSON.stringify(at)));
  return {
    copy,
    problems: problems.filter((one) => one.code !== 'WF1002' || !told.has(JSON.stringify(one.at))),
  };
}

/** A missing field that stands there by another name: that name is told once. */
const isMisnamed = ({ code, part }: Problem): boolean => code === 'WF1003' && part === 'key';

function toProblems(document: unknown, misfit: Misfit): readonly Problem[] {
  const { at } = misfit;
  const value = valueAt(document, at);
  switch (misfit.what) {
    case 'unknown':
      return misfit.keys.map((key) => unknownField(document, at, key));
    case 'missing':
      return [missing(document, at, misfit.values)];
    case 'type':
      if (value === undefined) return [missing(document, at, [])];
      return [wrongType(at, value, misfit.expected.map(expectation))];
    case 'value':
      return [notOneOf(document, at, value, misfit.values.map(String))];
    case 'key':
      return [badId(at, String(at.at(-1)), 'key')];
    case 'pattern':
      return [badId(at, String(value))];
    case 'range':
      return [outOfRange(misfit)];
  }
}

function outOfRange({ at, edge, bound, unit }: Extract<Misfit, { what: 'range' }>): Problem {
  const name = nameOf(at);
  if (unit === 'characters') return { code: 'WF1005', message: `${name} is empty`, at };
  const what = unit === 'entries' ? ` ${bound === 1 ? 'entry' : 'entries'}` : '';
  const label = `${edge} ${bound}${what}`;
  return { code: 'WF1005', message: `${name} is out of range`, at, label };
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

function missing(document: unknown, at: Path, values: readonly unknown[]): Problem {
  const field = String(at.at(-1) ?? '');
  const owner = at.slice(0, -1);
  const bound = BOUNDS[field];
  const meant = wordFor(document, owner, field);
  if (meant !== undefined && bound === undefined)
    return misnamed(document, { owner, field, meant });
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
    ...(values.length > 0 ? { notes: [`one of: ${values.join(', ')}`] } : {}),
    help: bound,
    ...standInFor(at),
  };
}

/** Words that people use for a field; the field is what the schema calls it. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  type: ['kind'],
  kind: ['type'],
  id: ['name'],
  nodes: ['steps', 'children', 'phases'],
  children: ['nodes', 'steps', 'body'],
  prompt: ['text', 'message', 'instruction', 'instructions'],
  argv: ['command', 'cmd', 'run', 'args'],
  goal: ['title', 'objective'],
  until: ['condition', 'cond', 'test'],
  query: ['pattern', 'text'],
};

/** The key of a map that stands for a field that it lacks: another word for it, or a slip of the pen. */
function wordFor(document: unknown, at: Path, field: string): string | undefined {
  const owner = valueAt(document, at);
  if (!isJsonObject(owner)) return undefined;
  const known = fieldsAt(document, at);
  const keys = Object.keys(owner).filter((key) => key.length > 2 && !known.includes(key));
  return SYNONYMS[field]?.find((word) => keys.includes(word)) ?? didYouMean(field, keys);
}

function misnamed(
  document: unknown,
  { owner, field, meant }: { readonly owner: Path; readonly field: string; readonly meant: string },
): Problem {
  return {
    code: 'WF1003',
    message: `${ownerName(document, owner)} has no \`${field}\``,
    at: [...owner, meant],
    part: 'key',
    label: `\`${field}\` is missing`,
    help: `did you mean \`${field}\`?`,
    meant: { type: 'name', name: field },
  };
}

function notOneOf(document: unknown, at: Path, value: unknown, values: readonly string[]): Problem {
  const field = String(at.at(-1) ?? '');
  const shown = typeof value === 'string' ? `\`${value}\`` : typeOf(value);
  // The discriminator of a node is said as what it is for.
  const isEntry = typeof at.at(-1) === 'number';
  const named = isEntry ? 'entry' : nameOf(at).replaceAll('`', '');
  const what = field === 'kind' ? 'node kind' : named;
  const use = field === 'kind' && value === 'use';
  const owner = field === 'kind' ? '' : ` in ${ownerName(document, at.slice(0, -1))}`;
  return {
    code: typeof value === 'string' || typeof value === 'number' ? 'WF1005' : 'WF1004',
    message: `unknown ${what} ${shown}${owner}`,
    at,
    ...(use ? { notes: ['`use` is resolved when a file is compiled; here it is too late'] } : {}),
    ...(values.length > 0 && !use ? { notes: [`one of: ${values.join(', ')}`] } : {}),
    help: typeof value === 'string' ? suggestion(value, values) : undefined,
    ...(typeof value === 'string' && !use
      ? { meant: { type: 'value', value: didYouMean(value, values), values } }
      : {}),
    ...standInFor(at),
  };
}

function wrongType(at: Path, value: unknown, expected: readonly string[]): Problem {
  const wanted = expected.join(' or ');
  return {
    code: 'WF1004',
    message: `${nameOf(at)} is ${typeOf(value)}, not ${wanted}`,
    at,
    label: `expected ${wanted}`,
    ...(at.at(-1) === 'rank' && typeof value === 'string'
      ? { help: `write it as \`rank: {by: ${value.slice(0, MAX_SHOWN)}}\`` }
      : {}),
    ...standInFor(at),
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

const EXPECTATIONS: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
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
