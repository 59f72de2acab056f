/** `npm run bench [-- NAME …]`: runs the benchmarks one after the other; each prints a table and JSON lines. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const benches = [
  'trace-store',
  'engine',
  'leaves',
  'long',
  'followers',
  'starts',
  'sandbox',
  'worktrees',
  'kept-files',
  'peers',
  'starlark',
];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${benches.join(', ')}\n`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted : benches) {
  process.stdout.write(`\n# ${name}\n`);
  const file = join(import.meta.dirname, `${name}.ts`);
  const done = spawnSync(process.execPath, ['--expose-gc', file], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
