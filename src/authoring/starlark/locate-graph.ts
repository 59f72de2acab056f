/** From a path in the document, or an argument of a call, to the place in the `.star` file. */
import type { Diagnostic, Span } from '../../base/diagnostic.ts';
import {
  callFinder,
  type FindCall,
  type SourceRange,
  type ValueSite,
} from '../../starlark/call-site.ts';
import type { Locate } from '../../workflow/parse-workflow.ts';
import { toSnakeCase } from '../snake-case.ts';
import type { Graph, GraphProblem } from './graph.ts';
import type { CallRecord, Given } from './graph-values.ts';
import { type Parameter, parametersOf, targetOf } from './parameter.ts';

type Path = readonly (string | number)[];
type Part = 'key' | 'value';

/** Finds places in the files that took part; tokens are read when the first place is asked for. */
export class Places {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #finders = new Map<string, FindCall>();

  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources;
  }

  /** The name of the builtin, where it was called. */
  ofCall({ row, position }: CallRecord): Span {
    const { file, line, column } = position.callee;
    const isOneLine = line === position.line && column < position.column;
    const endColumn = isOneLine ? position.column : column + row.name.length;
    return { file, line, column, endLine: line, endColumn };
  }

  /** An argument, or what is in it as far as it was written there; the call where it was not. */
  ofArgument(call: CallRecord, given: Given, at: Path = [], part: Part = 'value'): Span {
    const site = this.#finder(call.position.file)(call.position);
    const { file } = call.position;
    const entry = typeof given === 'string' ? site?.named.get(given) : undefined;
    const value = typeof given === 'number' ? site?.positional[given] : entry?.value;
    if (value === undefined) {
      return site?.spread === undefined ? this.ofCall(call) : { file, ...site.spread };
    }
    const isWhole = at.length === 0;
    const range =
      isWhole && part === 'key' && entry !== undefined ? entry.key : within(value, at, part);
    return { file, ...range };
  }

  #finder(file: string): FindCall {
    const known = this.#finders.get(file) ?? callFinder(this.#sources.get(file) ?? '');
    this.#finders.set(file, known);
    return known;
  }
}

function within(value: ValueSite, at: Path, part: Part): SourceRange {
  let found = value;
  let key: SourceRange | undefined;
  for (const segment of at) {
    const name = String(segment);
    const entry = found.entries?.get(name) ?? found.entries?.get(toSnakeCase(name));
    const inner = typeof segment === 'number' ? found.items?.[segment] : entry?.value;
    if (inner === undefined) return found.range;
    key = entry?.key;
    found = inner;
  }
  return part === 'key' && key !== undefined ? key : found.range;
}

export function toDiagnostic(problem: GraphProblem, places: Places): Diagnostic {
  const { code, severity, message, call, given, at, part, label, notes, related, help } = problem;
  const span = given === undefined ? places.ofCall(call) : places.ofArgument(call, given, at, part);
  return {
    code,
    severity,
    message,
    span,
    ...(label === undefined ? {} : { label }),
    ...(notes === undefined ? {} : { notes }),
    ...(related === undefined
      ? {}
      : {
          related: related.map((one) => ({ message: one.message, span: places.ofCall(one.call) })),
        }),
    ...(help === undefined ? {} : { help }),
  };
}

export interface GraphPlaces {
  readonly locate: Locate;
  /** The call that a place was found by. */
  readonly callAt: (span: Span) => CallRecord | undefined;
}

/** Places of the document that a graph gave. */
export function graphPlaces(graph: Graph, places: Places): GraphPlaces {
  // By the span itself: calls in one function share their place.
  const calls = new WeakMap<Span, CallRecord>();
  const locate: Locate = (path, part) => {
    let value: unknown = graph.workflow?.document;
    let call = graph.workflow?.call;
    let rest = path;
    for (const [index, segment] of path.entries()) {
      value = (value as Record<string | number, unknown> | undefined)?.[segment];
      if (typeof value !== 'object' || value === null) break;
      const inner = graph.callOf(value);
      if (inner === undefined) continue;
      call = inner;
      rest = path.slice(index + 1);
    }
    const span = call === undefined ? undefined : placeIn(call, rest, part, places);
    if (span !== undefined && call !== undefined) calls.set(span, call);
    return span;
  };
  return { locate, callAt: (span) => calls.get(span) };
}

function placeIn(call: CallRecord, rest: Path, part: Part, places: Places): Span | undefined {
  if (rest.length === 0) return places.ofCall(call);
  const parameter = parametersOf(call.row).find((one) => isGivenAt(call, one, rest));
  const given = parameter === undefined ? undefined : call.given.get(parameter.name);
  if (parameter === undefined || given === undefined) return undefined;
  return places.ofArgument(call, given, rest.slice(targetOf(parameter).length), part);
}

/** A node of a predicate goes into the fields of the predicate itself. */
function isGivenAt(call: CallRecord, parameter: Parameter, rest: Path): boolean {
  if (!call.given.has(parameter.name)) return false;
  const target = targetOf(parameter);
  if (target.length === 0)
    return rest.length === 1 && (rest[0] === 'node' || rest[0] === 'previous');
  return target.every((name, index) => rest[index] === name);
}
