/**
 * Plants each mistake in a copy of the tree and runs the test that must find it. `node run.ts` tries all
 * and prints which lived; with words it tries those whose file or test has them in it.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, mutants } from './mutants.ts';

const root = join(import.meta.dirname, '../..');
const COPIED = [
  'src',
  'test/engine',
  'test/budgets',
  'test/arbitrary',
  'test/simulation',
  'test/soak',
  'test/tally-reporter.ts',
] as const;
const CONFIGS = ['package.json', 'tsconfig.json', 'vitest.config.ts'] as const;
const TIME_LIMIT_MS = 120_000;

export interface Verdict {
  readonly mutant: Mutant;
  readonly verdict: 'killed' | 'lived' | 'not planted';
}

/** Tries mutants one after the other in one copy, which is removed afterwards. */
export async function tryMutants(list: readonly Mutant[]): Promise<readonly Verdict[]> {
  const copy = mkdtempSync(join(tmpdir(), 'whaleflow-mutants-'));
  try {
    for (const path of [...COPIED, ...CONFIGS]) {
      cpSync(join(root, path), join(copy, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const verdicts: Verdict[] = [];
    for (const mutant of list) verdicts.push({ mutant, verdict: await tryOne(copy, mutant) });
    return verdicts;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function tryOne(copy: string, mutant: Mutant): Promise<Verdict['verdict']> {
  const file = join(copy, mutant.file);
  const text = readFileSync(file, 'utf8');
  if (text.split(mutant.search).length !== 2) return 'not planted';
  writeFileSync(
    file,
    text.replace(mutant.search, () => mutant.replacement),
  );
  try {
    return (await passes(copy, mutant.killedBy)) ? 'lived' : 'killed';
  } finally {
    writeFileSync(file, text);
  }
}

function passes(copy: string, [file, name]: Mutant['killedBy']): Promise<boolean> {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const words = [vitest, 'run', file, '-t', pattern, '--bail', '1'];
  const { VITEST: _inside, VITEST_WORKER_ID: _worker, ...environment } = process.env;
  return new Promise((resolve, reject) => {
    const env = { ...environment, CI: 'true', NODE_ENV: 'test' };
    const run = spawn(process.execPath, words, { cwd: copy, stdio: 'ignore', env });
    const limit = setTimeout(() => run.kill('SIGKILL'), TIME_LIMIT_MS);
    run.once('error', reject);
    run.once('exit', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2);
  const isWanted = ({ file, killedBy }: Mutant): boolean =>
    words.length === 0 || words.some((word) => `${file} ${killedBy.join(' ')}`.includes(word));
  const verdicts = await tryMutants(mutants.filter(isWanted));
  for (const { mutant, verdict } of verdicts.filter((one) => one.verdict !== 'killed')) {
    process.stdout.write(`${verdict}: ${mutant.file}: ${mutant.search.trim()}\n`);
  }
  const lived = verdicts.filter(({ verdict }) => verdict !== 'killed').length;
  process.stdout.write(`${verdicts.length - lived} killed, ${lived} not\n`);
  process.exitCode = lived === 0 ? 0 : 1;
}
