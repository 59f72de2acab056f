/** Snapshots of random runs: a fold that begins at any of them is the fold from the first event. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pastAttempts } from '../../src/leaf/past-work.ts';
import type { KeptAttempts } from '../../src/trace/attempt-book.ts';
import type { AttemptView } from '../../src/trace/attempt-view.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { keptAttempts, revive } from '../../src/trace/fold/kept-attempts.ts';
import { restoreView } from '../../src/trace/fold/restore-view.ts';
import { type Cut, type Link, SnapshotFold } from '../../src/trace/fold/snapshot-fold.ts';
import { OpenRecord } from '../../src/trace/open-record.ts';
import type { RunState } from '../../src/trace/run-state.ts';
import { RunView } from '../../src/trace/run-view.ts';
import { workflowDocuments } from '../arbitrary/workflow-document.ts';
import { IS_SOAK, sliceOf } from '../soak/slice.ts';
import { seedOf } from './chance.ts';
import { simulate } from './simulate.ts';
import { enrichedSpec } from './spec-of.ts';

const RUNS = Number(process.env['WHALEFLOW_RUNS'] ?? (IS_SOAK ? 5_000 : 100));
const SEED = sliceOf(1, 1).from;
const TIMEOUT_MS = IS_SOAK ? 3_600_000 : 600_000;

const CHAOS = {
  crash: 25,
  cancelLeaf: 60,
  skip: 50,
  ask: 8,
  restart: 40,
  pause: 60,
  refuse: 50,
  stale: 10,
  giveUp: 3,
};
const size = { maxDepth: 4, maxChildren: 3, maxRepeat: 3, hasTrees: true, hasApprovals: true };
const cases = fc.record({ document: workflowDocuments(size), seed: fc.nat() });
const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

test(
  'a fold that begins at any snapshot is the fold from the first event',
  () => {
    const property = fc.property(cases, ({ document, seed }) => {
      const spec = enrichedSpec(document, seed);
      if (spec === undefined) return;
      const failPercent = (seed % 5) * 12;
      const trace = json(simulate({ spec, seed, chaos: CHAOS, failPercent }).trace);
      const every = 1 + (seedOf(seed, 1) % 30);
      // Of some runs too much is open at times.
      const isLink = (count: number): boolean => seed % 2 === 0 && seedOf(seed, count, 4) % 3 > 0;
      const cuts = cutsOf(trace, every, seedOf(seed, 2) % 3 === 0, isLink);
      const whole = viewOf(new RunView(), trace);
      for (let count = 1; count <= cuts.length; count += 1) {
        const { open } = cuts[count - 1] ?? {};
        if (open === undefined) continue;
        expect(open.events, 'what a driver has to know').toEqual(neededOf(trace, count * every));
        const now = viewOf(new RunView(), trace.slice(0, count * every));
        expect(plainState(restored(trace, cuts.slice(0, count)).state), 'as it was then').toEqual(
          plainState(now.state),
        );
        const view = viewOf(restored(trace, cuts.slice(0, count)), trace.slice(count * every));
        expect(plainView(view), `from snapshot ${count} of every ${every}`).toEqual(
          plainView(whole),
        );
      }
    });
    void fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: !IS_SOAK });
  },
  TIMEOUT_MS,
);

/** What the next attempt of each leaf goes on with. */
function goesOn(
  state: RunState,
  attemptsOf: (path: string) => readonly AttemptView[] | undefined,
): readonly Past[] {
  return [...state.nodes.values()].flatMap((node) => {
    if (!node.alive || node.plan.node.kind !== 'leaf' || node.attempt === 0) return [];
    const past = pastAttempts(attemptsOf(node.path) ?? [], node.attempt + 1);
    return [[node.path, past.map(({ attempt, calls, tools }) => ({ attempt, calls, tools }))]];
  });
}

/** What is kept of open leaves along with a fold that begins at a snapshot. */
function openRecord(trace: readonly TraceEvent[], open: Cut['open'] | undefined): OpenRecord {
  const record = new OpenRecord();
  for (const [path, attempts] of json(open?.attempts ?? [])) record.put(path, revive(attempts));
  for (const event of trace.slice(open?.run.seq ?? 0)) record.see(event);
  return record;
}

test(
  'what open leaves go on with is kept along with a fold, from any snapshot on',
  () => {
    let gone = 0;
    const property = fc.property(cases, ({ document, seed }) => {
      const spec = enrichedSpec(document, seed);
      if (spec === undefined) return;
      const trace = json(simulate({ spec, seed, chaos: CHAOS, failPercent: 10 }).trace);
      const every = 1 + (seedOf(seed, 1) % 30);
      const opens = [undefined, ...cutsOf(trace, every, true).map(({ open }) => open)];
      for (let end = 1 + (seedOf(seed, 3) % 7); end <= trace.length; end += 7) {
        const events = trace.slice(0, end);
        const view = viewOf(new RunView(), events);
        const past = goesOn(view.state, (path) => view.attemptsOf(path));
        gone += past.filter(([, attempts]) => attempts.length > 0).length;
        const [first, ...others] = opens.filter((open) => (open?.run.seq ?? 0) <= end);
        for (const open of [first, others.at(-1)]) {
          const record = openRecord(events, open);
          const kept = goesOn(view.state, (path) => record.take(path));
          expect(kept, `at ${end} from ${open?.run.seq}`).toEqual(past);
        }
      }
    });
    void fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: !IS_SOAK });
    expect(gone).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);

type Past = readonly [path: string, attempts: readonly Pick<AttemptView, 'calls' | 'tools'>[]];

const NEEDED = [
  'leaf.requested',
  'timer.requested',
  'approval.asked',
  'approval.requested',
  'approval.answered',
];

/** Every driver, and requests, timers and questions of what is open. */
function neededOf(trace: readonly TraceEvent[], seq: number): readonly TraceEvent[] {
  const events = trace.slice(0, seq);
  const { state } = viewOf(new RunView(), events);
  return events.filter((event) => {
    if (event.type === 'run.driven') return true;
    if (!('path' in event) || !NEEDED.includes(event.type)) return false;
    return state.nodes.get(event.path)?.alive === true || state.inFlight.has(event.path);
  });
}

/** A snapshot, or a link to the next one. */
type Part = Link & Partial<Cut>;

/** Snapshots at every so many events; made by one fold, or each by a fold that began at the last. */
function cutsOf(
  trace: readonly TraceEvent[],
  every: number,
  isOneFold: boolean,
  isLink: (count: number) => boolean = () => false,
): readonly Part[] {
  const cuts: Part[] = [];
  const kept: KeptAttempts = { of: (path) => keptIn(json(cuts)).of(path), all: () => [] };
  let fold = new SnapshotFold(kept);
  for (const event of trace) {
    fold.see(event);
    if (event.seq % every !== 0) continue;
    const isWhole = !isLink(cuts.length + 1);
    cuts.push(json(isWhole ? fold.cut() : fold.link()));
    if (isWhole && !isOneFold) fold = new SnapshotFold(kept, startOf(trace, cuts));
  }
  return cuts;
}

/** A fold owns what it begins with: each reads its own. */
function startOf(trace: readonly TraceEvent[], stored: readonly Part[]) {
  const cuts = json(stored);
  const [first] = trace;
  const open = cuts.at(-1)?.open;
  if (first === undefined || open === undefined) throw new Error('there is no snapshot');
  const ended = cuts.map((cut) => cut.ended);
  return { first, open, ended, kept: keptIn(cuts) };
}

function keptIn(cuts: readonly Part[]): KeptAttempts {
  const ended = () => cuts.map((cut) => cut.ended);
  const refold = (): never => {
    throw new Error('every part can be read');
  };
  return keptAttempts(ended, (index) => json(cuts[index]?.attempts), refold);
}

const restored = (trace: readonly TraceEvent[], cuts: readonly Part[]): RunView =>
  new RunView(restoreView(startOf(trace, cuts)));

function viewOf(view: RunView, events: readonly TraceEvent[]): RunView {
  for (const event of events) view.see(event);
  return view;
}

function plainView(view: RunView): unknown {
  const paths = [...view.state.nodes.keys()];
  return {
    state: plainState(view.state),
    rollups: paths.map((path) => [path, view.rollup(path)]),
    children: paths.map((path) => [path, view.children(path)]),
    attempts: view.allAttempts(),
    byPath: paths.map((path) => view.attemptsOf(path)),
    running: view.running(),
  };
}

function plainState({ plan, nodes, inFlight, ...rest }: RunState): unknown {
  const plainNodes = [...nodes].map(([path, node]) => {
    if (!node.alive) return [path, { ...node, plan: node.plan.node.id }];
    const open = [...node.open].map((child) => child.path);
    return [path, { ...node, plan: node.plan.node.id, parent: node.parent?.path, open }];
  });
  const flights = [...inFlight].map(([path, flight]) => [
    path,
    { ...flight, calls: [...flight.calls] },
  ]);
  return { ...rest, plan: plan?.spec.id, nodes: plainNodes, inFlight: flights };
}
