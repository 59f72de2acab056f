// Packs the package, installs it in an empty folder, and uses it as a stranger would: the demo, and a
// five-line library program. Runs on Node 24.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-tarball-'));

function run(command, args, cwd = folder) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) {
    process.stderr.write(`${command} ${args.join(' ')}\n${done.stdout ?? ''}${done.stderr ?? ''}`);
    throw new Error(`${command} ended with ${done.status}`);
  }
  return done.stdout;
}

try {
  run('npm', ['pack', '--silent', '--pack-destination', folder], process.cwd());
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`]);
  const program = `import { runWorkflow } from 'whaleflow';
const usage = { tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 }, costMicroUsd: 0, costStatus: 'exact' };
const provider = { name: 'own', async *call() { yield { type: 'finished', text: 'hello', usage, model: 'own' }; } };
const result = await runWorkflow({ id: 'h', goal: 'greet', nodes: [{ kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'Hi' } }] }, { provider });
console.log(result.outcome.status, result.output);`;
  writeFileSync(join(folder, 'program.mjs'), program);
  const said = run(process.execPath, ['program.mjs']);
  if (said !== 'succeeded hello\n') throw new Error(`the library said ${said}`);
  const cli = join('node_modules', 'whaleflow', 'dist', 'cli.js');
  const begun = performance.now();
  run(process.execPath, [cli, 'demo']);
  const demoMs = performance.now() - begun;
  const again = JSON.parse(run(process.execPath, [cli, 'demo', '--again', '--json']));
  const againMs = performance.now() - begun - demoMs;
  if (again.from_record?.processes !== 0) throw new Error('the demo was done again');
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  console.log(`demo ${seconds(demoMs)}, from its record ${seconds(againMs)}`);
  console.log('the tarball installs, runs its demo and works as a library');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
