/**
 * Where chance begins in a run of the tests. Of the same commit it is always the same, so that its
 * verdict is; every commit tries others. `WHALEFLOW_SEED=N` begins at N, `WHALEFLOW_SEED=random` and a
 * soak begin anywhere.
 */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Seeds are from 0 up to below this. */
const SEEDS = 2 ** 31;

export function buildSeed(environment: NodeJS.ProcessEnv, folder: string = root): number {
  const { WHALEFLOW_SEED: asked, WHALEFLOW_SOAK: soak } = environment;
  if (asked === 'random' || (asked === undefined && soak === '1')) return randomInt(SEEDS);
  return asked === undefined ? seedOfTree(folder) : seedFrom(asked);
}

/** Of the files of the commit, whatever its message and date; what has no commit has one seed. */
function seedOfTree(folder: string): number {
  try {
    const words = ['rev-parse', '--verify', 'HEAD^{tree}'];
    const tree = execFileSync('git', words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    return Number.parseInt(tree.slice(0, 12), 16) % SEEDS;
  } catch {
    return 1;
  }
}

/** @throws {Error} if it is no whole number that seeds can be. */
export function seedFrom(text: string): number {
  const seed = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(seed) || seed < 0 || seed >= SEEDS) {
    throw new Error(`not a whole number from 0 to ${SEEDS - 1}: ${text}`);
  }
  return seed;
}
