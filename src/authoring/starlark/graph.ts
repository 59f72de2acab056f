/**
 * The graph that a program builds. Every call is checked where it is made, but nothing stops at a
 * slip: it is kept with its place, and something stands in for the node, so that all problems of a
 * file are said at once.
 */
import type { ErrorCode } from '../../base/error-codes.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { builtin, type CallPosition, type Thread } from '../../starlark/builtin.ts';
import { StarlarkError } from '../../starlark/error.ts';
import type { Value } from '../../starlark/value.ts';
import { type BindProblem, type Bound, bindCall } from './bind-call.ts';
import { builtinTable } from './builtin-table.ts';
import { convertArgument, referenceParts } from './convert-argument.ts';
import { finishDocument } from './finish-document.ts';
import {
  type CallRecord,
  type Given,
  NodeValue,
  PredicateValue,
  type ReferenceParts,
  ReferenceValue,
} from './graph-values.ts';
import { type BuiltinRow, type Parameter, parametersOf, targetOf } from './parameter.ts';
import { standInFor, standInNode } from './stand-in.ts';

/** A finding whose place is an argument of a call, or something in it. */
export interface GraphProblem {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly call: CallRecord;
  /** The argument; the name of the builtin where absent. */
  readonly given?: Given;
  /** Within the argument. */
  readonly at?: readonly (string | number)[];
  readonly part?: 'key';
  readonly label?: string;
  readonly notes?: readonly string[];
  readonly related?: readonly { readonly message: string; readonly call: CallRecord }[];
  readonly help?: string | undefined;
}

export interface GraphWorkflow {
  readonly document: JsonObject;
  readonly call: CallRecord;
  readonly nodes: readonly NodeValue[];
  /** There was another one, whose nodes stand nowhere. */
  hasRival: boolean;
}

const MAX_PROBLEMS = 100;
/** What a node takes beside its arguments, about. */
const BYTES_OF_NODE = 1024;
const STEPS_OF_CALL = 10;
const MAX_ID_CHARACTERS = 64;

export class Graph {
  /** By what and where: a slip in a function that is called often is one slip. */
  readonly #problems = new Map<string, { readonly problem: GraphProblem; times: number }>();
  /** In the order of their calls. */
  readonly nodes: NodeValue[] = [];
  /** Which call made an object of the document. */
  readonly #calls = new WeakMap<object, CallRecord>();
  readonly #stopAt: number | undefined;
  #count = 0;
  #workflow: GraphWorkflow | undefined;

  /** With `stopAt`, the call of that number fails, so that the program says how it got there. */
  constructor(stopAt?: number) {
    this.#stopAt = stopAt;
  }

  get workflow(): GraphWorkflow | undefined {
    return this.#workflow;
  }

  callOf(value: object): CallRecord | undefined {
    return this.#calls.get(value);
  }

  get problems(): readonly GraphProblem[] {
    return [...this.#problems.values()].map(({ problem, times }) => {
      if (times === 1) return problem;
      const again = times === 2 ? 'once more' : `${times - 1} more times`;
      return { ...problem, notes: [...(problem.notes ?? []), `the same ${again} from here`] };
    });
  }

  report(problem: GraphProblem): void {
    const { code, call, given, at } = problem;
    const { file, line, column } = call.position;
    const key = JSON.stringify([code, file, line, column, given, at]);
    const known = this.#problems.get(key);
    if (known !== undefined) known.times += 1;
    else if (this.#problems.size < MAX_PROBLEMS) this.#problems.set(key, { problem, times: 1 });
  }

  /** The functions that a program is given. */
  builtins(): Readonly<Record<string, Value>> {
    return Object.fromEntries(
      builtinTable.map((row) => [
        row.name,
        builtin({
          name: row.name,
          call: (thread, args, kwargs, position) =>
            this.#call(row, thread, bindCall(row, args, kwargs), position),
        }),
      ]),
    );
  }

  #call(row: BuiltinRow, thread: Thread, bound: Bound, position: CallPosition): Value {
    thread.work(STEPS_OF_CALL);
    thread.allocate(BYTES_OF_NODE);
    const given = new Map([...bound.arguments].map(([name, one]) => [name, one.given]));
    this.#count += 1;
    if (this.#count === this.#stopAt) throw new StarlarkError('stopped', { isFatal: true });
    const call: CallRecord = { number: this.#count, row, position, given };
    for (const problem of bound.problems) this.#reportBinding(call, problem);
    switch (row.makes) {
      case 'reference':
        return this.#reference(call, thread, bound);
      case 'predicate':
        return new PredicateValue(row.name, this.#finished(call, thread, bound).document);
      case 'node':
        return this.#node(call, this.#finished(call, thread, bound));
      case 'workflow':
        this.#take(this.#finished(call, thread, bound), call);
        return null;
    }
  }

  #finished(call: CallRecord, thread: Thread, bound: Bound): Draft {
    const draft = this.#document(call, thread, bound);
    finishDocument(draft, bound, (problem) => this.report({ severity: 'error', call, ...problem }));
    this.#calls.set(draft.document, call);
    return draft;
  }

  #node(call: CallRecord, { document, nodes, isBroken }: Draft): NodeValue {
    if (document['id'] === undefined) document['id'] = `?${this.nodes.length + 1}`;
    const id = String(document['id']);
    const sound = isBroken ? standInNode(id) : document;
    this.#calls.set(sound, call);
    const node = new NodeValue({ id, document: sound, call, children: nodes });
    this.nodes.push(node);
    return node;
  }

  #take({ document, nodes }: Draft, call: CallRecord): void {
    const first = this.#workflow;
    if (first === undefined) {
      const standIns = { id: '?', nodes: [standInNode('?')] };
      this.#workflow = { document: { ...standIns, ...document }, call, nodes, hasRival: false };
      this.#calls.set(this.#workflow.document, call);
      return;
    }
    first.hasRival = true;
    this.report({
      code: 'WF1104',
      severity: 'error',
      message: 'workflow(…) is called a second time',
      call,
      label: 'one file makes one workflow',
      related: [{ message: 'the first call', call: first.call }],
    });
  }

  #reference(call: CallRecord, thread: Thread, bound: Bound): Value {
    const node = bound.arguments.get('node');
    const field = bound.arguments.get('field')?.value;
    const parts =
      node === undefined
        ? this.#missing(call, 'node')
        : referenceParts(node.value, this.#conversion(call, thread, 'node', node.given), []);
    const { node: id = '?', field: own } = parts ?? {};
    const path = typeof field === 'string' ? field : own;
    return new ReferenceValue({
      node: id,
      ...(path === undefined ? {} : { field: path }),
      previous: true,
    });
  }

  #document(call: CallRecord, thread: Thread, bound: Bound): Draft {
    const { row } = call;
    const document = copyOf(row.base);
    const nodes: NodeValue[] = [];
    const name = nameOf(row, bound);
    let isBroken = false;
    for (const parameter of parametersOf(row)) {
      const argument = bound.arguments.get(parameter.name);
      if (argument === undefined) {
        if (parameter.isRequired !== true) continue;
        this.#missing(call, parameter.name, name);
        const standIn = standInFor(parameter);
        if (standIn === undefined) isBroken = true;
        else set(document, targetOf(parameter), standIn);
        continue;
      }
      const { value, given } = argument;
      const conversion = this.#conversion(call, thread, parameter.name, given, name);
      // The parts of a predicate’s node are fields of the predicate itself.
      if (parameter.to?.length === 0) {
        if (parameter.type !== 'reference') continue;
        const parts: ReferenceParts = referenceParts(value, conversion, []) ?? { node: '?' };
        Object.assign(document, parts);
        continue;
      }
      this.#warnOfBraces(call, parameter, value, given);
      const converted = convertArgument(parameter.type, value, conversion);
      if (converted === undefined) {
        const standIn = standInFor(parameter);
        if (standIn === undefined) isBroken = parameter.isRequired === true || isBroken;
        else if (parameter.isRequired === true) set(document, targetOf(parameter), standIn);
        continue;
      }
      if (converted.nodes !== undefined) nodes.push(...converted.nodes);
      set(document, targetOf(parameter), converted.json);
    }
    return { document, nodes, isBroken };
  }

  #conversion(
    call: CallRecord,
    thread: Thread,
    parameter: string,
    given: Given,
    owner = `${call.row.name}(…)`,
  ) {
    return {
      thread,
      report: (message: string, at: readonly (string | number)[] = [], help?: string) =>
        this.report({
          code: 'WF1004',
          severity: 'error',
          message: `\`${parameter}\` of ${owner} ${message}`,
          call,
          given,
          at,
          help,
        }),
    };
  }

  #missing(call: CallRecord, name: string, owner = `${call.row.name}(…)`): undefined {
    const bound = BOUNDS[name];
    const message =
      bound === undefined ? `${owner} has no \`${name}\`` : `${owner} has no upper bound`;
    this.report({
      code: bound === undefined ? 'WF1003' : 'WF1305',
      severity: 'error',
      message,
      call,
      label: `\`${name}\` is missing`,
      help: bound,
    });
    return undefined;
  }

  #reportBinding(call: CallRecord, { given, ...problem }: BindProblem): void {
    const place = given === undefined ? {} : { given };
    this.report({ severity: 'error', ...problem, call, ...place, part: 'key' });
  }

  /** In an f-string, `{{` is one brace: the template would be gone without a word. */
  #warnOfBraces(call: CallRecord, parameter: Parameter, value: Value, given: Given): void {
    if (parameter.type !== 'template' && parameter.type !== 'command') return;
    if (typeof value !== 'string') return;
    const [found] = SINGLE_BRACES.exec(value) ?? [];
    if (found === undefined) return;
    this.report({
      code: 'WF1206',
      severity: 'warning',
      message: `\`${found}\` is plain text, not a template`,
      call,
      given,
      help: 'templates have two braces; in an f-string write four: {{{{inputs.x}}}}',
    });
  }
}

export interface Draft {
  readonly document: Record<string, Json>;
  readonly nodes: readonly NodeValue[];
  /** Something is missing that nothing can stand in for. */
  readonly isBroken: boolean;
}

const SINGLE_BRACES = /(?<!\{)\{(?:inputs|params|previous|item|iteration)\b[^{}]{0,80}\}(?!\})/;

const BOUNDS: Readonly<Record<string, string>> = {
  max_iterations: 'add a bound, for example `max_iterations = 3`',
  max_children: 'add a bound, for example `max_children = 20`',
};

/** As messages call what a call makes. */
function nameOf(row: BuiltinRow, bound: Bound): string {
  const id = bound.arguments.get('id')?.value;
  if (row.makes !== 'node') return `${row.name}(…)`;
  return typeof id === 'string'
    ? `${row.name} \`${id.slice(0, MAX_ID_CHARACTERS)}\``
    : `${row.name}(…)`;
}

/** Deep enough for a base: a task is all that is in one. */
function copyOf({ task, ...fields }: JsonObject): Record<string, Json> {
  return isJsonObject(task) ? { ...fields, task: { ...task } } : { ...fields };
}

function set(document: Record<string, Json>, path: readonly string[], json: Json): void {
  let inner = document;
  for (const name of path.slice(0, -1)) {
    inner[name] ??= {};
    inner = inner[name] as Record<string, Json>;
  }
  inner[path.at(-1) ?? ''] = json;
}
