/**
 * What a soak is made of. Each soak has a total, which slices share: a slice is a process of its own, so
 * that a soak that was stopped goes on where it was, and what has many slices can use all cores.
 */
import type { SeedCheckName } from './seed-checks.ts';

/** Seeds by `seeds.ts`, or files of tests, of which `pattern` names the tests. */
type Work =
  | { readonly by: 'seeds'; readonly check: SeedCheckName }
  | { readonly by: 'tests'; readonly files: readonly string[]; readonly pattern?: string };

export interface Soak {
  readonly name: string;
  readonly unit: string;
  readonly total: number;
  /** Of the total, for one process. */
  readonly slice: number;
  /** Its slices may run beside each other: they measure no time and share no machine-wide thing. */
  readonly isParallel: boolean;
  readonly work: Work;
}

const KILL = 'test/process/kill.test.ts';
const APPLY_DIES = 'test/process/apply-dies.test.ts';
const SIGNALS = 'test/process/signals.test.ts';

const tests = (file: string, pattern?: string): Work => ({
  by: 'tests',
  files: [file],
  ...(pattern === undefined ? {} : { pattern }),
});

const seeds = (check: SeedCheckName, total: number): Soak => ({
  name: check,
  unit: 'seeds',
  total,
  slice: 1_000,
  isParallel: true,
  work: { by: 'seeds', check },
});

/** Tests whose full figure is not divided: one process. */
const whole = (name: string, file: string, pattern?: string): Soak => ({
  name,
  unit: 'all',
  total: 1,
  slice: 1,
  isParallel: false,
  work: tests(file, pattern),
});

const rounds = (
  name: string,
  unit: string,
  [total, slice]: readonly [number, number],
  work: Work,
): Soak => ({ name, unit, total, slice, isParallel: false, work });

/** Real git at each step: more of them in one process would come to the limit of a test. */
const trees = (name: string, file: string, pattern: string): Soak => ({
  ...rounds(name, 'trees', [500, 25], tests(file, pattern)),
  isParallel: true,
});

/** In the order in which they run: what finds most in little time first. */
export const soaks: readonly Soak[] = [
  seeds('simulation', 100_000),
  seeds('steering', 10_000),
  seeds('budgets', 5_000),
  rounds('lying models', 'seeds', [500, 100], tests('test/budgets/lying-provider.test.ts')),
  {
    ...rounds('walks', 'workflows', [30_000, 1_000], tests('test/engine/properties.test.ts')),
    isParallel: true,
  },
  rounds('snapshots', 'workflows', [5_000, 1_000], tests('test/engine/snapshots.test.ts')),
  whole('repeatable', 'test/simulation/simulation.test.ts', 'the same seed twice'),
  whole('crashes', 'test/engine/crash.test.ts'),
  rounds('power cuts', 'rounds of 2 × 1,000', [20, 1], tests('test/power-cut/power-cut.test.ts')),
  rounds('kills', 'kills', [5_000, 100], tests(KILL, 'at random times')),
  rounds('double crashes', 'pairs', [500, 100], tests(KILL, 'double crashes')),
  whole('every commit', KILL, 'kill -9|out of memory|60 leaves'),
  rounds(
    'steered processes',
    'words / 100',
    [100, 10],
    tests('test/process/fuzz-steering.test.ts'),
  ),
  rounds('signals', 'rounds of 7', [34, 2], tests(SIGNALS, 'signal')),
  rounds('terminals', 'rounds of 2', [50, 5], tests(SIGNALS, 'terminal')),
  rounds('orphans', 'rounds of 4', [25, 5], tests('src/sandbox/none/end-marked.test.ts')),
  whole('20 minutes', 'test/process/soak.test.ts'),
  whole('floods', 'test/process/flood.test.ts'),
  whole('full disks', 'test/process/full-disk.test.ts'),
  whole('failing disks', 'test/process/failing-disk.test.ts'),
  whole('stores', 'src/trace/sqlite/crash.test.ts'),
  whole('scale', 'test/scale/scale.test.ts'),
  whole('mutants', 'test/mutants/mutants.test.ts'),
  whole('starlark', 'test/starlark/fuzz.test.ts'),
  whole('patterns', 'test/hostile/pattern.test.ts'),
  whole('compilers', 'test/hostile/compile-memory.test.ts'),
  whole('any text', 'test/hostile/unicode.test.ts'),
  whole('printable', 'src/base/printable.test.ts'),
  whole('colours', 'src/cli/style.test.ts'),
  whole('screens', 'src/cli/hostile-text.test.ts'),
  trees('user trees', 'src/workspace/git/git-user-tree.test.ts', 'random dirty trees'),
  trees('user commits', 'src/workspace/git/apply-commit.test.ts', 'random dirty trees'),
  trees('kept files', 'src/workspace/git/keep-plainly.test.ts', 'any changes'),
  whole('killed commits', 'test/process/apply-kill.test.ts'),
  whole('applies killed within', APPLY_DIES, 'before a call'),
  rounds('applies killed at times', 'kills', [300, 25], tests(APPLY_DIES, 'at random times')),
  whole('file tools', 'src/tool/files/walking-files.test.ts'),
  whole('providers', 'src/model/ai-sdk/ai-sdk-provider.test.ts'),
  whole('real agents', 'test/process/real-agent.test.ts'),
  whole('faults', 'test/faults/faults.test.ts'),
  whole('agent crashes', 'test/engine/agent-crash.test.ts'),
];

/** Of a soak, in order; the last may be smaller. */
export function slicesOf({ total, slice }: Soak): readonly { from: number; count: number }[] {
  return Array.from({ length: Math.ceil(total / slice) }, (_, index) => ({
    from: index * slice + 1,
    count: Math.min(slice, total - index * slice),
  }));
}
