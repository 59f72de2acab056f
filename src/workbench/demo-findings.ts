/** What came of a demo, read from its record: who won and why, what was claimed, what really ran, what was kept. */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { AttemptView, ToolView } from '../trace/attempt-view.ts';
import type { Fruit } from '../trace/events.ts';
import { settledAt } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';

export interface DemoFindings {
  readonly winner: string | undefined;
  readonly why: string;
  /** In the order of the ranking. */
  readonly candidates: readonly DemoCandidate[];
  /** Tests of losers that passed on the winner. */
  readonly kept: readonly DemoFruit[];
  /** The typed answer of the last node; null where the run gave none. */
  readonly summary: JsonObject | null;
}

interface DemoCandidate {
  readonly name: string;
  readonly approach: string;
  /** Exit statuses decide. Undefined where its tests never ran. */
  readonly passed: boolean | undefined;
  /** As the runner counted them. */
  readonly tests: { readonly passed: number; readonly failed: number } | undefined;
  /** What its agent says of itself. */
  readonly claim: string | undefined;
  /** What its agent really ran, in order. */
  readonly ran: readonly { readonly command: string; readonly exitCode: number | null }[];
  /** Why its agent failed. */
  readonly failure: string | undefined;
}

interface DemoFruit {
  readonly from: string;
  readonly title: string;
  readonly file: string;
}

/** Names of nodes are those of the demo’s workflow; what is not there is left out. */
export function demoFindings(view: RunView, store: TraceStore, summary: Json): DemoFindings {
  const output = settledAt(view.state, 'best')?.output;
  const value = output?.type === 'value' ? output.value : null;
  const { winner, ranking, why } = isJsonObject(value) ? value : {};
  const ranked = Array.isArray(ranking) ? ranking.flatMap(nameIn) : [];
  const begun = ['a', 'b'].filter((name) => view.attempt(`fixes/${name}/${name}-agent`));
  const names = ranked.length === 0 ? begun : ranked;
  return {
    winner: typeof winner === 'string' ? winner : undefined,
    why: typeof why === 'string' ? why : '',
    candidates: names.map((name) => candidateNamed(view, store, name)),
    kept: keptIn(view),
    summary: isJsonObject(summary) ? summary : null,
  };
}

const nameIn = (place: Json): readonly string[] =>
  isJsonObject(place) && typeof place['candidate'] === 'string' ? [place['candidate']] : [];

function candidateNamed(view: RunView, store: TraceStore, name: string): DemoCandidate {
  const tests = view.attempt(`fixes/${name}/${name}-tests`);
  const agent = view.attempt(`fixes/${name}/${name}-agent`);
  const counted = outputOf(tests, store)['tests'];
  const { self_report: report, failed_commands: failed, verified } = outputOf(agent, store);
  const called = (agent?.tools ?? []).flatMap((tool) => commandOf(tool, store));
  // What is answered from the record of another run has no calls of its own.
  const told = [failed, verified].flatMap((list) => (Array.isArray(list) ? list : []));
  const claim = isJsonObject(report) ? report['summary'] : undefined;
  return {
    name,
    approach: String(view.state.started?.params[name] ?? name),
    passed: tests === undefined ? undefined : tests.status === 'succeeded',
    tests: isJsonObject(counted) ? countsIn(counted) : undefined,
    claim: typeof claim === 'string' ? claim : undefined,
    ran: called.length > 0 ? called : told.flatMap(commandIn),
    failure: agent?.status === 'failed' ? agent.failure?.message : undefined,
  };
}

function outputOf(attempt: AttemptView | undefined, store: TraceStore): JsonObject {
  return objectIn(attempt?.output === undefined ? undefined : store.blob(attempt.output.digest));
}

/** What is no object counts as an empty one. */
function objectIn(data: Uint8Array | undefined): JsonObject {
  const value = data === undefined ? null : (JSON.parse(new TextDecoder().decode(data)) as Json);
  return isJsonObject(value) ? value : {};
}

function countsIn({ passed, failed }: JsonObject): DemoCandidate['tests'] {
  return typeof passed === 'number' && typeof failed === 'number' ? { passed, failed } : undefined;
}

/** By the record of its calls, not by its report. */
function commandOf({ input, exitCode }: ToolView, store: TraceStore): DemoCandidate['ran'] {
  if (exitCode === undefined) return [];
  const { command } = objectIn(store.blob(input.digest));
  return typeof command === 'string' ? [{ command, exitCode }] : [];
}

function commandIn(item: Json): DemoCandidate['ran'] {
  if (!isJsonObject(item)) return [];
  const { command, exitCode = null } = item;
  if (typeof command !== 'string') return [];
  return [{ command, exitCode: typeof exitCode === 'number' ? exitCode : null }];
}

/** In the order of their leaves. */
function keptIn(view: RunView): readonly DemoFruit[] {
  return view.allAttempts().flatMap(([path, attempts]) => {
    const last = attempts.at(-1);
    if (last === undefined || !path.startsWith('best/$harvest[')) return [];
    return last.fruit.flatMap((fruit) => toKept(path, fruit));
  });
}

function toKept(from: string, { type, title, value }: Fruit): readonly DemoFruit[] {
  const file = isJsonObject(value ?? null) ? (value as JsonObject)['file'] : undefined;
  return type === 'test' && typeof file === 'string' ? [{ from, title, file }] : [];
}
