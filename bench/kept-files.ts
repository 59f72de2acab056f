/**
 * What it costs to keep where an agent has come to, in a repository of 5,000 files: after an edit, whose file
 * is known, and after a command, which may have changed any; beside a preview, which makes a patch too.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { workspaceOf } from '../src/workbench/wiring.ts';
import { openWorkbench } from '../src/workbench/workbench.ts';

const FILES = 5_000;
const ROUNDS = 30;
const pathOf = (index: number): string => `d${index % 50}/f${index}.txt`;

const base = mkdtempSync(join(tmpdir(), 'whaleflow-bench-'));
const root = join(base, 'repository');
const env = { PATH: process.env['PATH'], HOME: base, WHALEFLOW_HOME: join(base, 'home') };

function git(...words: readonly string[]): void {
  const user = ['-c', 'user.name=U', '-c', 'user.email=u@localhost'];
  execFileSync('git', [...user, ...words], { cwd: root, env });
}

async function times(work: (round: number) => Promise<unknown>): Promise<readonly number[]> {
  const list: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await work(round);
    list.push(performance.now() - begun);
  }
  return list.toSorted((a, b) => a - b);
}

try {
  for (let index = 0; index < FILES; index += 1) {
    const file = join(root, pathOf(index));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `line ${index}\n`.repeat(20));
  }
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=start');
  using workbench = openWorkbench({ cwd: root, env });
  const workspace = workspaceOf(workbench);
  const { commit } = await workspace.base({ run: 'bench' });
  const tree = await workspace.open({ run: 'bench', tree: '', commit });
  const edit = (round: number, what: string): string => {
    const path = pathOf(round * 7);
    writeFileSync(join(tree.root, path), `${what} ${round}\n`);
    return path;
  };
  const name = 'leaf#1 kept';
  const rows = {
    'after an edit': await times((round) =>
      workspace.keep(tree, { name, paths: [edit(round, 'edited')] }),
    ),
    'after a command': await times((round) => {
      edit(round, 'written');
      return workspace.keep(tree, { name });
    }),
    'after one that changed nothing': await times(() => workspace.keep(tree, { name })),
    'a preview': await times((round) => {
      edit(round, 'looked at');
      return workspace.preview(tree, { name: 'leaf#1 so far' });
    }),
  };
  console.log(
    `${'keeping the files of a tree'.padEnd(34)}min    p50    p95   (ms, ${FILES} files)`,
  );
  for (const [what, list] of Object.entries(rows)) {
    const at = (part: number): number => Math.round(list[Math.floor(list.length * part)] ?? 0);
    const [minMs, p50Ms, p95Ms] = [at(0), at(0.5), at(0.95)];
    const cells = [minMs, p50Ms, p95Ms].map((ms) => String(ms).padStart(6)).join(' ');
    console.log(`${what.padEnd(31)}${cells}`);
    console.log(JSON.stringify({ bench: 'kept-files', what, files: FILES, minMs, p50Ms, p95Ms }));
  }
  await tree.release();
} finally {
  rmSync(base, { recursive: true, force: true });
}
