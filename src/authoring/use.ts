/**
 * `{kind: use, id, file, params}` inlines another workflow when a file is compiled: the node becomes a
 * sequence of the same id that holds the other’s nodes, whose ids get the prefix `id.`; references
 * between them are rewritten, and `{{params.X}}` is replaced by the constants given. Files are named
 * relative to the file that uses them. What the other workflow grants and bounds holds for the
 * sequence. Its params may hold templates of the outer workflow (`{{item}}`, `{{params.y}}`).
 */
import { posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { MAX_DOCUMENT_DEPTH } from '../workflow/document-limits.ts';
import type { JsonSchema } from '../workflow/limits.ts';
import { bindParams } from '../workflow/params.ts';
import type { Locate } from '../workflow/parse-workflow.ts';
import type { Effort, Sources } from './front-end.ts';
import { frontEndOf, knownExtensions } from './front-ends.ts';
import { prefixed } from './use/prefix.ts';
import { hasTemplate, substituted, unboundParams } from './use/substitute.ts';

export interface UseResult {
  readonly document: unknown;
  readonly locate: Locate;
  readonly loads: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

type Path = readonly (string | number)[];

const MAX_USES = 200;
const MAX_USE_DEPTH = 8;
const CARRIED = ['budget', 'permissions', 'modelPolicy'] as const;
const OWN = ['label', 'isolation', 'fileScope', 'mode'] as const;
const FIELDS: readonly string[] = ['kind', 'id', 'file', 'params', ...CARRIED, ...OWN];

interface Graft {
  readonly at: Path;
  readonly locate: Locate;
}

interface UseOptions {
  readonly file: string;
  readonly sources: Sources;
  readonly effort: Effort;
}

/** Resolves every `use` of a document, in all depths. */
export function resolveUses(
  document: unknown,
  locate: Locate,
  { file, sources, effort }: UseOptions,
): UseResult {
  const shared: Shared = { loads: new Map(), diagnostics: [], uses: 0, sources, effort };
  const resolved = resolveFile(shared, document, locate, [file]);
  return { ...resolved, loads: shared.loads, diagnostics: shared.diagnostics };
}

interface Shared {
  readonly loads: Map<string, string>;
  readonly diagnostics: Diagnostic[];
  readonly sources: Sources;
  readonly effort: Effort;
  uses: number;
}

interface FileScope {
  readonly shared: Shared;
  readonly locate: Locate;
  /** Files on the way here, this one last. */
  readonly files: readonly string[];
  readonly grafts: Graft[];
}

function resolveFile(
  shared: Shared,
  document: unknown,
  locate: Locate,
  files: readonly string[],
): { readonly document: unknown; readonly locate: Locate } {
  if (!isJsonObject(document) || !Array.isArray(document['nodes'])) return { document, locate };
  const scope: FileScope = { shared, locate, files, grafts: [] };
  const nodes = (document['nodes'] as readonly Json[]).map((node, index) =>
    resolveNode(scope, node, ['nodes', index]),
  );
  if (scope.grafts.length === 0) return { document, locate };
  return { document: { ...document, nodes }, locate: grafted(locate, scope.grafts) };
}

function resolveNode(scope: FileScope, node: Json, at: Path): Json {
  if (!isJsonObject(node) || at.length > MAX_DOCUMENT_DEPTH) return node;
  if (node['kind'] === 'use') return inlined(scope, node, at) ?? node;
  const copy: Record<string, Json> = { ...node };
  for (const side of ['children', 'then', 'else'] as const) {
    const children = node[side];
    if (!Array.isArray(children)) continue;
    copy[side] = children.map((child: Json, index) =>
      resolveNode(scope, child, [...at, side, index]),
    );
  }
  for (const side of ['template', 'onConflict'] as const) {
    const child = node[side];
    if (child !== undefined) copy[side] = resolveNode(scope, child, [...at, side]);
  }
  return copy;
}

function inlined(scope: FileScope, node: JsonObject, at: Path): Json | undefined {
  const report = reporter(scope, at);
  const { id, file, params = {} } = node;
  for (const field of Object.keys(node))
    if (!FIELDS.includes(field))
      report('WF1002', `unknown field \`${field}\` in use`, field, 'key');
  if (typeof id !== 'string' || typeof file !== 'string' || !isJsonObject(params)) {
    const missing = typeof id !== 'string' ? 'id' : typeof file !== 'string' ? 'file' : 'params';
    const code = node[missing] === undefined ? 'WF1003' : 'WF1004';
    report(code, `a use needs \`id\`, \`file\` and perhaps a map of \`params\``, missing);
    return undefined;
  }
  const used = open(scope, file, report);
  if (used === undefined) return undefined;
  const bound = bind(used.document, params, report);
  if (bound === undefined) return undefined;
  const nodes = prefixed(substituted(used.document['nodes'] as Json, bound), id);
  if (!checkOutput(used.document, report)) return undefined;
  scope.grafts.push({ at, locate: used.locate });
  return {
    kind: 'sequence',
    id,
    ...Object.fromEntries(
      CARRIED.flatMap((field) => {
        const [theirs, own] = [used.document[field], node[field]];
        if (theirs === undefined && own === undefined) return [];
        const both = isJsonObject(theirs) && isJsonObject(own) ? { ...theirs, ...own } : undefined;
        return [[field, both ?? own ?? (theirs as Json)]];
      }),
    ),
    ...Object.fromEntries(
      OWN.flatMap((field) => (node[field] === undefined ? [] : [[field, node[field] as Json]])),
    ),
    children: nodes,
  };
}

type Report = (code: ErrorCode, message: string, field: string, part?: 'key') => void;

function reporter({ shared, locate }: FileScope, at: Path): Report {
  return (code, message, field, part) => {
    const span = locate([...at, field], part ?? 'value') ?? locate(at, 'value');
    const place = span === undefined ? {} : { span };
    shared.diagnostics.push({ code, severity: 'error', message, ...place });
  };
}

function open(
  scope: FileScope,
  named: string,
  report: Report,
): { readonly document: JsonObject; readonly locate: Locate } | undefined {
  const { shared, files } = scope;
  const file = posix.normalize(posix.join(posix.dirname(files.at(-1) as string), named));
  shared.uses += 1;
  const refuse = (code: ErrorCode, message: string): undefined => {
    report(code, message, 'file');
    return undefined;
  };
  if (posix.isAbsolute(named) || file.startsWith('../') || named.includes('\\'))
    return refuse('WF1103', `\`${named}\` leaves the folder of workflows`);
  if (files.includes(file))
    return refuse('WF1103', `files use each other: ${[...files, file].join(' -> ')}`);
  if (shared.uses > MAX_USES || files.length > MAX_USE_DEPTH)
    return refuse('WF1103', `more than ${MAX_USES} uses, or ${MAX_USE_DEPTH} within each other`);
  const frontEnd = frontEndOf(file);
  if (frontEnd === undefined)
    return refuse('WF1103', `\`${file}\` is none of ${knownExtensions().join(', ')}`);
  const text = shared.sources(file);
  if (text === undefined) return refuse('WF2003', `no file \`${file}\``);
  shared.loads.set(file, text);
  const read = frontEnd.read({ file, text, sources: shared.sources, effort: shared.effort });
  if ('diagnostics' in read) {
    shared.diagnostics.push(...read.diagnostics);
    return undefined;
  }
  const errors = read.problems?.filter(({ severity }) => severity === 'error') ?? [];
  shared.diagnostics.push(...errors);
  for (const [path, loaded] of read.loads ?? []) shared.loads.set(path, loaded);
  const inner = resolveFile(shared, read.document, read.locate, [...files, file]);
  if (!isJsonObject(inner.document) || !Array.isArray(inner.document['nodes']))
    return refuse('WF1104', `\`${file}\` holds no workflow`);
  return { document: inner.document, locate: inner.locate };
}

/** Values of the used workflow’s params; those that hold templates cannot be checked yet. */
function bind(used: JsonObject, given: JsonObject, report: Report): JsonObject | undefined {
  const schema = (used['params'] ?? {
    type: 'object',
    properties: {},
    additionalProperties: false,
  }) as JsonSchema;
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  const known = isJsonObject(properties) ? properties : {};
  let params: JsonObject = given;
  if (!hasTemplate(given)) {
    const bound = bindParams(schema, given);
    if ('diagnostics' in bound) {
      for (const { message } of bound.diagnostics) report('WF1208', message, 'params');
      return undefined;
    }
    params = bound.params;
  } else {
    const defaults = Object.entries(known).flatMap(([name, property]) =>
      isJsonObject(property) && property['default'] !== undefined
        ? [[name, property['default']] as const]
        : [],
    );
    params = { ...Object.fromEntries(defaults), ...given };
  }
  const unbound = unboundParams(used['nodes'] as Json, params);
  for (const name of unbound) report('WF1208', `parameter \`${name}\` is not given`, 'params');
  return unbound.length > 0 ? undefined : params;
}

/** A sequence gives what its last node gives, so a used workflow has to do the same. */
function checkOutput(used: JsonObject, report: Report): boolean {
  const { output } = used;
  const last = (used['nodes'] as readonly Json[]).at(-1);
  const id = isJsonObject(last) ? last['id'] : undefined;
  const named = isJsonObject(output) && output['field'] === undefined ? output['node'] : output;
  if (output === undefined || named === id) return true;
  report('WF1202', 'a used workflow must give the output of its last node', 'file');
  return false;
}

/** Places below a sequence that was a `use` stand in the other file. */
function grafted(locate: Locate, grafts: readonly Graft[]): Locate {
  return (path, part) => {
    const graft = grafts.find(
      ({ at }) =>
        path.length > at.length + 1 &&
        path[at.length] === 'children' &&
        at.every((segment, index) => segment === path[index]),
    );
    if (graft === undefined) return locate(path, part);
    return graft.locate(['nodes', ...path.slice(graft.at.length + 1)], part);
  };
}
