/** What a call means beyond “this argument goes into that field”. */
import type { Json, JsonObject } from '../../base/json.ts';
import { toCamelCase } from '../snake-case.ts';
import type { Bound } from './bind-call.ts';
import type { Draft, GraphProblem } from './graph.ts';
import type { Given } from './graph-values.ts';

type Report = (problem: Omit<GraphProblem, 'call' | 'severity'>) => void;

type Finish = (document: Record<string, Json>, bound: Bound, report: Report) => void;

/** By the kind of a node, or the operation of a predicate. */
const FINISHES: ReadonlyMap<Json | undefined, Finish> = new Map<Json | undefined, Finish>([
  ['branch_set', finishBranch],
  ['reduce', finishReduce],
  ['tournament', finishTournament],
  ['succeeded', finishOutcome],
  ['failed', finishOutcome],
]);

export function finishDocument({ document }: Draft, bound: Bound, report: Report): void {
  FINISHES.get(document['kind'] ?? document['op'])?.(document, bound, report);
}

function finishTournament(document: Record<string, Json>): void {
  document['rank'] ??= { by: 'judge' };
}

const ONLY_PARALLEL = ['max_parallel', 'join', 'diversify', 'trees', 'on_conflict', 'harvest'];
const ONLY_SEQUENTIAL = ['on_failure'];

function finishBranch(document: Record<string, Json>, bound: Bound, report: Report): void {
  const parallel = bound.arguments.get('parallel')?.value;
  const isSequence = parallel === false;
  if (parallel !== undefined && typeof parallel !== 'boolean')
    report({
      code: 'WF1004',
      message: '`parallel` of branch is neither True nor False',
      ...givenTo(bound, 'parallel'),
    });
  if (isSequence) document['kind'] = 'sequence';
  for (const name of isSequence ? ONLY_PARALLEL : ONLY_SEQUENTIAL) {
    if (!bound.arguments.has(name)) continue;
    report({
      code: 'WF1002',
      message: isSequence
        ? `a branch that is not parallel has no \`${name}\``
        : `a parallel branch has no \`${name}\``,
      ...givenTo(bound, name),
      part: 'key',
      help: isSequence ? 'leave out `parallel = False`' : 'use sequence(…), or `parallel = False`',
    });
    delete document[toCamelCase(name)];
  }
}

/** Either a task, or a prompt that is one completion. */
function finishReduce(document: Record<string, Json>, bound: Bound, report: Report): void {
  const prompts = ['prompt', 'system'].filter((name) => bound.arguments.has(name));
  if (!bound.arguments.has('task')) {
    const task = (document['task'] ?? {}) as JsonObject;
    document['task'] = { type: 'model', prompt: '?', ...task };
    if (bound.arguments.has('prompt')) return;
    report({ code: 'WF1003', message: 'reduce(…) has no `prompt`', label: '`prompt` is missing' });
    return;
  }
  for (const name of prompts)
    report({
      code: 'WF1002',
      message: `reduce(…) has a \`task\` and a \`${name}\``,
      ...givenTo(bound, name),
      part: 'key',
      help: `put the \`${name}\` into the \`task\``,
    });
}

/** An outcome has no fields. */
function finishOutcome(document: Record<string, Json>, bound: Bound, report: Report): void {
  if (document['field'] === undefined) return;
  delete document['field'];
  report({
    code: 'WF1002',
    message: `${String(document['op'])}(…) asks about a node, not about a field of it`,
    ...givenTo(bound, 'node'),
    help: 'hold a field against a value with equals(…), at_least(…), at_most(…)',
  });
}

function givenTo(bound: Bound, name: string): { readonly given?: Given } {
  const given = bound.arguments.get(name)?.given;
  return given === undefined ? {} : { given };
}
