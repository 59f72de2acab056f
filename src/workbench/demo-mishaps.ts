/** What went wrong in a run and how it went on, read from its record: stalls, refusals, lost branches, stops. */
import type { TraceEvent } from '../trace/events.ts';
import type { TraceStore } from '../trace/trace-store.ts';

export interface Mishap {
  readonly what: 'stall' | 'refusal' | 'branch' | 'budget';
  /** The leaf, or nothing for the whole run. */
  readonly path: string;
  readonly message: string;
  /** What came of it. */
  readonly outcome: string;
}

type Of<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>;

/** In the order in which they happened. Linear in the trace. */
export function demoMishaps(store: TraceStore, run: string): readonly Mishap[] {
  const events = store.read(run, 0);
  const all = events.flatMap((event, at): readonly Mishap[] => {
    const rest = events.slice(at + 1);
    switch (event.type) {
      case 'model.called':
        return event.failure === undefined ? [] : [ofCall(event, event.failure, rest)];
      case 'node.finished':
        return ofBranch(event, rest);
      case 'run.stopped':
        return [ofStop(event, rest)];
      // Nothing else goes wrong in a demo.
      default:
        return [];
    }
  });
  // A driver that finds the same ceiling stops once more before it hears of the raise.
  return all.filter(
    ({ what, message }, at) => what !== all[at - 1]?.what || message !== all[at - 1]?.message,
  );
}

function ofCall(
  { path, attempt, call }: Of<'model.called'>,
  { kind, message }: NonNullable<Of<'model.called'>['failure']>,
  rest: readonly TraceEvent[],
): Mishap {
  const again = rest.find(
    (event) =>
      event.type === 'model.called' &&
      event.path === path &&
      event.attempt === attempt &&
      event.call === call,
  );
  const isAnswered = again?.type === 'model.called' && again.failure === undefined;
  const what = kind === 'timeout' ? 'stall' : 'refusal';
  const left = what === 'refusal' ? leftAlone(rest) : '';
  return {
    what,
    path,
    message,
    outcome: `${left}asked again, ${isAnswered ? 'answered' : 'in vain'}`,
  };
}

/** For how long the provider asked to be left alone, and was. */
function leftAlone(rest: readonly TraceEvent[]): string {
  const suspended = rest.find((event) => event.type === 'provider.suspended');
  const resumed = rest.find(({ type }) => type === 'provider.resumed');
  if (suspended === undefined || resumed === undefined) return '';
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const asked = seconds(suspended.untilMs - suspended.at);
  return `it wants ${asked} of rest; every leaf left it alone for ${seconds(resumed.at - suspended.at)}, then `;
}

/** A branch that failed while the run went on. */
function ofBranch(
  { path, outcome: ended }: Of<'node.finished'>,
  rest: readonly TraceEvent[],
): readonly Mishap[] {
  const isBranch = /^fixes\/[^/]+$/.test(path);
  if (!isBranch || ended.status !== 'failed') return [];
  const harvested = rest.find(
    (event) =>
      event.type === 'leaf.finished' &&
      event.path === `best/$harvest[${path.slice('fixes/'.length)}]`,
  );
  const kept =
    harvested?.type === 'leaf.finished'
      ? (harvested.fruit ?? []).filter(({ type }) => type === 'test').length
      : 0;
  const tests = kept === 1 ? 'its test was kept' : `${kept} of its tests were kept`;
  const outcome = kept === 0 ? 'the other one went on' : `the other one went on; ${tests}`;
  return [{ what: 'branch', path, message: ended.failure.message, outcome }];
}

function ofStop({ because, message }: Of<'run.stopped'>, rest: readonly TraceEvent[]): Mishap {
  const raised = rest.some(({ type }) => type === 'budget.raised');
  const leaves = rest.filter(({ type }) => type === 'leaf.finished').length;
  const outcome = raised
    ? `raised, and resumed: ${leaves} more ${leaves === 1 ? 'leaf' : 'leaves'} ran`
    : 'it waits for resume';
  return { what: 'budget', path: '', message: message ?? because, outcome };
}
