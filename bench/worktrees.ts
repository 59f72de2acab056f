/**
 * What trees cost: `npm run bench -- worktrees`. Eight branches with a worktree each on a repository of
 * 5,000 files, two runs in a row; each branch edits, is captured, and its checkout goes where losers go.
 * Beside it what `git worktree add` and `remove` take for the same. WHALEFLOW_FILES: files (5000).
 */
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeChance } from '../src/system/node/node-chance.ts';
import { gitWorkspace } from '../src/workspace/git/git-workspace.ts';
import { diskUse } from './worktrees/disk-use.ts';
import { makeSampleRepository, type SampleRepository } from './worktrees/sample-repository.ts';
import { type Tried, tryAll } from './worktrees/tried.ts';

const FILES = Number(process.env['WHALEFLOW_FILES'] ?? 5_000);
const BRANCHES = 8;
const RUNS = 2;
const EDITED = 'packages/p0/src/f0/file-0.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-bench-')));

interface Figures {
  readonly openMs: readonly number[];
  readonly allMs: number;
  readonly captureMs: readonly number[];
  readonly endMs: number;
  readonly bytesEach: number;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const begun = performance.now();
  const value = await work();
  return { ms: performance.now() - begun, value };
}

async function ours({ root }: SampleRepository, run: string): Promise<Figures> {
  const cacheFolder = join(base, 'cache');
  const workspace = gitWorkspace({ repositoryRoot: root, cacheFolder, chance: nodeChance });
  const { commit } = await workspace.base({ run });
  const names = Array.from({ length: BRANCHES }, (_, index) => `branch-${index}`);
  const all = await timed(() =>
    Promise.all(names.map((tree) => timed(() => workspace.open({ run, tree, commit })))),
  );
  const trees = all.value.map(({ value }) => value);
  const captureMs: number[] = [];
  for (const [index, tree] of trees.entries()) {
    appendFileSync(join(tree.root, EDITED), `// by ${run}, branch ${index}\n`);
    captureMs.push((await timed(() => workspace.capture(tree, { name: `b${index}#1` }))).ms);
  }
  const bytesEach = trees.reduce((sum, { root: at }) => sum + diskUse(at), 0) / BRANCHES;
  const ended = await timed(() => workspace.retire(run));
  const openMs = all.value.map(({ ms }) => ms);
  return { openMs, allMs: all.ms, captureMs, endMs: ended.ms, bytesEach };
}

/** As a script would do it, one after the other. */
async function plain({ git }: SampleRepository): Promise<Figures> {
  const roots = Array.from({ length: BRANCHES }, (_, index) => join(base, `plain-${index}`));
  const all = await timed(async () => {
    const openMs: number[] = [];
    for (const root of roots) {
      const add = async () => git('worktree', 'add', '--quiet', '--detach', root);
      openMs.push((await timed(add)).ms);
    }
    return openMs;
  });
  const bytesEach = roots.reduce((sum, root) => sum + diskUse(root), 0) / BRANCHES;
  const ended = await timed(async () => {
    for (const root of roots) git('worktree', 'remove', '--force', root);
  });
  return { openMs: all.value, allMs: all.ms, captureMs: [], endMs: ended.ms, bytesEach };
}

const HEADINGS = ['each', 'first', 'slowest', 'capture', 'end of all', 'MiB each'];
const ABSENT = '–';

function row(what: string, cells: readonly (number | undefined)[]): void {
  const texts = cells.map((cell) => cell?.toFixed(cell < 100 ? 1 : 0) ?? ABSENT);
  process.stdout.write(`${what.padEnd(28)}${texts.map((text) => text.padStart(11)).join('')}\n`);
}

const round = (value: number): number => Math.round(value);

function show(what: string, figures: Figures): void {
  const { openMs, allMs, captureMs, endMs, bytesEach } = figures;
  const sorted = captureMs.toSorted((a, b) => a - b);
  const capture = sorted[sorted.length >> 1];
  const each = allMs / BRANCHES;
  const [first, slowest] = [Math.min(...openMs), Math.max(...openMs)];
  row(what, [each, first, slowest, capture, endMs, bytesEach / 2 ** 20]);
  const line = { what, eachMs: round(each), firstMs: round(first), slowestMs: round(slowest) };
  const rest = { captureMs: round(capture ?? 0), endMs: round(endMs), bytesEach: round(bytesEach) };
  process.stdout.write(`${JSON.stringify({ bench: 'worktrees', ...line, ...rest })}\n`);
}

function showTried({ what, ms, bytes }: Tried): void {
  row(what, [ms, ...Array.from({ length: 4 }, () => undefined), bytes && bytes / 2 ** 20]);
  process.stdout.write(`${JSON.stringify({ bench: 'worktrees', tried: what, ms, bytes })}\n`);
}

try {
  const repository = makeSampleRepository(join(base, 'repository'), FILES);
  process.stdout.write(`${FILES} files, ${BRANCHES} branches, ${RUNS} runs in a row; ms\n`);
  process.stdout.write(`${''.padEnd(28)}${HEADINGS.map((word) => word.padStart(11)).join('')}\n`);
  for (let run = 1; run <= RUNS; run += 1) show(`run ${run}`, await ours(repository, `run${run}`));
  for (let run = 1; run <= RUNS; run += 1) show(`git worktree, ${run}`, await plain(repository));
  process.stdout.write('one alone, after these deletions:\n');
  mkdirSync(join(base, 'tried'));
  for (const tried of tryAll(repository, join(base, 'tried'))) showTried(tried);
} finally {
  rmSync(base, { recursive: true, force: true, maxRetries: 3 });
}
