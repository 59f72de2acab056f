/** A slice of seeds, outside of the test runner: `node test/soak/seeds.ts CHECK FROM COUNT` prints its tally. */
import { checkSeeds, type SeedCheckName, seedChecks } from './seed-checks.ts';
import { seedsOf } from './slice.ts';

const [name = '', from, count] = process.argv.slice(2);
if (!(name in seedChecks)) throw new Error(`no check "${name}"`);
try {
  const seeds = seedsOf({ from: Number(from), count: Number(count), isOne: false });
  console.log(JSON.stringify(await checkSeeds(name as SeedCheckName, seeds)));
} catch (error) {
  console.log((error as Error).message);
  process.exitCode = 1;
}
