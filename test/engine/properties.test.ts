/**
 * Random workflows in random worlds, held against the invariants of the design and against the naive
 * walk. `WHALEFLOW_RUNS` sets how many, `WHALEFLOW_SEED` or `WHALEFLOW_FROM` where they begin; a
 * failure prints its seed and its path.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decider } from '../../src/engine/decide.ts';
import { replay } from '../../src/engine/replay.ts';
import type { WorkflowDocument } from '../../src/workflow/document.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { workflowDocuments } from '../arbitrary/workflow-document.ts';
import { IS_SOAK, sliceOf } from '../soak/slice.ts';
import { seedOf } from './chance.ts';
import { comparable } from './comparable.ts';
import {
  checkEnds,
  checkFold,
  checkLiveness,
  checkRepetition,
  checkSlots,
  checkStale,
  checkTree,
} from './invariants.ts';
import { NaiveWalk } from './naive-walk.ts';
import {
  type Chaos,
  foldTrace,
  type SimulationStep,
  simulate,
  type WorldRequest,
} from './simulate.ts';
import { enrichedSpec, orderFree } from './spec-of.ts';

const RUNS = Number(process.env['WHALEFLOW_RUNS'] ?? (IS_SOAK ? 30_000 : 2_000));
const SEED = sliceOf(1, 1).from;
const TIMEOUT_MS = IS_SOAK ? 3_600_000 : 600_000;

const CALM: Chaos = {};
const WILD: Chaos = {
  crash: 25,
  cancelRun: 600,
  cancelLeaf: 60,
  skip: 50,
  ask: 8,
  restart: 40,
  pause: 60,
  stop: 90,
  refuse: 50,
  stale: 30,
  giveUp: 3,
};

const MEDDLED: Chaos = { crash: 25, cancelLeaf: 6, skip: 6, restart: 40, pause: 60, stale: 30 };

const cases = fc.record({
  document: workflowDocuments({
    maxDepth: 4,
    maxChildren: 3,
    maxRepeat: 3,
    hasTrees: true,
    hasApprovals: true,
  }),
  seed: fc.nat(),
});

/** Wide, so that leaves wait in rows. */
const crowds = fc.record({
  document: workflowDocuments({
    maxDepth: 2,
    maxChildren: 9,
    maxRepeat: 6,
    kinds: ['leaf', 'branch_set', 'expand', 'reduce'],
  }),
  seed: fc.nat(),
});

interface Case {
  readonly document: WorkflowDocument;
  readonly seed: number;
}

function check(runs: number, property: (made: Case) => void, from = cases): void {
  const isHasty = !IS_SOAK && process.env['WHALEFLOW_SHRINK'] !== '1';
  const run = fc.property(from, property);
  void fc.assert(run, { numRuns: runs, seed: SEED, endOnFailure: isHasty });
}

/** Every commit keeps the invariants and decides as the naive walk does; so does the replay. */
function drive(
  { document, seed }: Case,
  chaos: Chaos,
  concurrency: NonNullable<WorldRequest['concurrency']>,
): void {
  const spec = enrichedSpec(document, seed);
  if (spec === undefined) return;
  let walk: NaiveWalk | undefined;
  const see = (step: SimulationStep): void => {
    walk ??= new NaiveWalk(step.answers.contents);
    const said = walk.step(step.fact, step.at);
    expect(comparable(step.events.slice(1)), factOf(step)).toEqual(comparable(said));
    checkLiveness(step);
    checkSlots(step);
    checkTree(step);
    if (seedOf(seed, step.trace.length) % 12 !== 0) return;
    checkFold(step);
    checkRepetition(step);
    if (step.fact.type === 'leaf.finished' || step.fact.type === 'leaf.lost') {
      checkStale(new Decider(foldTrace(step.trace.slice(0, -step.events.length))).state, step);
    }
  };
  const failPercent = (seed % 5) * 12;
  const atOnce = [undefined, undefined, 1, 2][seedOf(seed, 'at once') % 4];
  const world = { spec, seed, chaos, failPercent, concurrency, atOnce };
  const { trace, state } = simulate({ ...world, see });
  expect(state.finished, 'the run ends').toBeDefined();
  checkEnds(trace);
  expect(replay(trace)).toMatchObject({ verdict: 'identical' });
}

describe('random workflows in random worlds', () => {
  test(
    'every commit keeps the invariants and decides as the naive walk does',
    () => {
      check(RUNS, ({ document, seed }) => {
        const concurrency = { model: 1 + (seed % 4), command: 1 + (seed % 3) };
        drive({ document, seed }, seed % 4 === 0 ? CALM : WILD, concurrency);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'so it does where many wait and people speak of them',
    () => {
      check(RUNS / 4, (made) => drive(made, MEDDLED, { model: 1, command: 1 }), crowds);
    },
    TIMEOUT_MS,
  );

  test(
    'the outcome depends neither on the order of events nor on crashes',
    () => {
      check(RUNS / 2, ({ document, seed }) => {
        const nodes = document.nodes.map(orderFree);
        const parsed = parseWorkflow({ ...document, nodes });
        if (!('spec' in parsed)) return;
        const { spec } = parsed;
        const ends = (request: Partial<WorldRequest>): unknown => {
          const { state, trace } = simulate({
            spec,
            seed,
            failPercent: (seed % 4) * 10,
            ...request,
          });
          expect(state.finished, 'the run ends').toBeDefined();
          expect(replay(trace)).toMatchObject({ verdict: 'identical' });
          const ended = [...state.nodes.values()].map((node) =>
            node.alive ? [node.path] : [node.path, node.status, node.content?.digest, node.output],
          );
          return { outcome: state.finished?.outcome, ended: ended.sort(byText) };
        };
        const calm = ends({});
        expect(ends({ order: seed + 1, concurrency: { model: 1, command: 1 } })).toEqual(calm);
        expect(ends({ atOnce: 1 }), 'one at once').toEqual(calm);
        for (const order of [1, 2]) {
          const first = seedOf(seed, order) % 40;
          const crashAt = (commit: number): boolean => commit === first || commit === first * 2;
          expect(ends({ order, crashAt }), `crash at ${first}`).toEqual(calm);
        }
      });
    },
    TIMEOUT_MS,
  );
});

const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);

const factOf = ({ fact, trace }: SimulationStep): string =>
  `${trace.length}: ${fact.type} ${'path' in fact ? fact.path : ''}`;
