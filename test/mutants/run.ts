/**
 * Plants each mistake in a copy of the tree and runs the test that must find it. `node run.ts` tries all
 * and prints which lived; with words it tries those whose file or test has them in it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
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
const VITEST = join('node_modules', 'vitest', 'vitest.mjs');
const TIME_LIMIT_MS = 300_000;

export interface Verdict {
  readonly mutant: Mutant;
  /** `broken`: its test fails without the mistake too, and so says nothing. */
  readonly verdict: 'killed' | 'lived' | 'not planted' | 'broken';
}

/** How often the text that a mutant replaces stands in its file: once, or it cannot be planted. */
export const placesOf = (mutant: Mutant): number =>
  readFileSync(join(root, mutant.file), 'utf8').split(mutant.search).length - 1;

/** Mutants whose test is not there, or has another name. */
export function withoutTest(list: readonly Mutant[]): readonly Mutant[] {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-mutants-'));
  try {
    const found = join(folder, 'tests.json');
    const files = [...new Set(list.map(({ killedBy: [file] }) => file))];
    const words = ['list', ...files, '--no-static-parse', '--no-isolate', `--json=${found}`];
    const options = { cwd: root, env: environment(), encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync(process.execPath, [VITEST, ...words], options);
    if (status !== 0) throw new Error(`the tests cannot be listed: ${stderr}`);
    const tests = listed.parse(JSON.parse(readFileSync(found, 'utf8')));
    return list.filter(
      ({ killedBy: [file, name] }) =>
        !tests.some((one) => one.file === join(root, file) && wordsOf(one.name).includes(name)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const listed = z.array(z.object({ file: z.string(), name: z.string() }));

/** As `-t` reads the name of a test: behind those of what it stands in. */
const wordsOf = (name: string): string => name.replaceAll(' > ', ' ');

/** Tries mutants one after the other in one copy, which is removed afterwards. */
export async function tryMutants(list: readonly Mutant[]): Promise<readonly Verdict[]> {
  const copy = mkdtempSync(join(tmpdir(), 'whaleflow-mutants-'));
  try {
    for (const path of [...COPIED, ...CONFIGS]) {
      cpSync(join(root, path), join(copy, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const sound = new Map<string, boolean>();
    const verdicts: Verdict[] = [];
    for (const mutant of list) {
      const test = mutant.killedBy.join('\n');
      const isSound = sound.get(test) ?? (await passes(copy, mutant.killedBy));
      sound.set(test, isSound);
      verdicts.push({ mutant, verdict: isSound ? await tryOne(copy, mutant) : 'broken' });
    }
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
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const words = [VITEST, 'run', file, '-t', pattern, '--bail', '1'];
  return new Promise((resolve, reject) => {
    const env = environment();
    const run = spawn(process.execPath, words, { cwd: copy, stdio: 'ignore', env });
    const limit = setTimeout(() => run.kill('SIGKILL'), TIME_LIMIT_MS);
    run.once('error', reject);
    run.once('exit', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}

/** That of nobody who runs the tests: a soak's figures would take longer than a mutant has. */
function environment(): NodeJS.ProcessEnv {
  const isInside = (name: string): boolean =>
    /^(VITEST(_WORKER_ID)?|WHALEFLOW_(SOAK|FROM|RUNS|SEED|FIGURES))$/.test(name);
  const kept = Object.entries(process.env).filter(([name]) => !isInside(name));
  return { ...Object.fromEntries(kept), CI: 'true', NODE_ENV: 'test' };
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
