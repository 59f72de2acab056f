/** Real processes, killed with SIGKILL at commits: nothing is lost, nothing runs twice, all ends the same. */
import { expect, inject, test } from 'vitest';
import { dice } from '../engine/chance.ts';
import { IS_SOAK, seedsOf, sliceOf } from '../soak/slice.ts';
import { check, drive, type Ended, inFolder, traceOrNew } from './driver-process.ts';

/** A leaf that loses its driver three times fails, as it should: two deaths, then it has to end. */
const MAX_KILLS_OF_A_RUN = 2;
const MAX_TRIES = 20;

const clean = inFolder((folder) => drive(folder, 'new') as Ended);

test('without a crash the run has 60 leaves and more', () => {
  expect(clean.outcome).toMatchObject({ status: 'succeeded' });
  expect(clean.commits).toBeGreaterThan(20);
});

const commits = Array.from({ length: clean.commits }, (_, index) => index + 1);
const slice = commits.filter((commit) => IS_SOAK || commit % 5 === 3);

test.each(slice.flatMap((commit) => ['before', 'after'].map((when) => ({ commit, when }))))(
  'kill -9 $when commit $commit, then resume, ends as if there had been none',
  ({ commit, when }) =>
    inFolder((folder) => {
      const first = drive(folder, 'new', { at: commit, when });
      const { run } = traceOrNew(folder);
      check(folder, first ?? drive(folder, run), clean);
    }),
);

test.each(['wide/w7', 'loop[3]/try', 'sum/$reduce'])(
  'a driver that runs out of memory in %s is as good as killed: resumed, it ends the same',
  (path) =>
    inFolder((folder) => {
      drive(folder, 'new', { hoard: path });
      check(folder, drive(folder, traceOrNew(folder).run), clean);
    }),
);

const doubles = sliceOf(50, 500);

test(`${doubles.count} double crashes: at a commit of the run and at one of its resume`, () => {
  for (const index of seedsOf(doubles)) {
    const first = 1 + ((index * 37) % (clean.commits - 1));
    const second = 1 + ((index * 13) % (clean.commits - first + 1));
    inFolder((folder) => {
      drive(folder, 'new', { at: first, when: index % 2 === 0 ? 'after' : 'before' });
      const { run } = traceOrNew(folder);
      const early = drive(folder, run, { at: second, when: index % 3 === 0 ? 'before' : 'after' });
      check(folder, early ?? drive(folder, traceOrNew(folder).run), clean);
    });
  }
}, 3_600_000);

const kills = sliceOf(200, 5_000).count;

test(
  `${kills} kills at random times, resumed until done`,
  () => {
    const { next } = dice(inject('seed'));
    const begun = performance.now();
    inFolder((folder) => drive(folder, 'new'));
    const lifeMs = performance.now() - begun;
    const histories = Math.ceil(kills / MAX_KILLS_OF_A_RUN);
    let killed = 0;
    for (let history = 0; killed < kills && history < histories * MAX_TRIES; history += 1) {
      inFolder((folder) => {
        for (let life = 0; life < MAX_KILLS_OF_A_RUN; life += 1) {
          const { run } = traceOrNew(folder);
          const ended = drive(folder, run, { afterMs: next() * lifeMs });
          if (ended !== undefined) return check(folder, ended, clean);
          killed += 1;
        }
        check(folder, drive(folder, traceOrNew(folder).run), clean);
      });
    }
    expect(killed).toBeGreaterThanOrEqual(kills);
  },
  24 * 3_600_000,
);
