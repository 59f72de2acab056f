/** Runs one Starlark file and prints the CPU seconds it took, all threads of the process counted. */
import { readFileSync } from 'node:fs';
import { renderDiagnostic } from '../../src/starlark/diagnostic.ts';
import { structBuiltin } from '../../src/starlark/standard-library.ts';
import { exec } from '../../src/starlark/starlark.ts';

const file = process.argv[2] ?? '';
const source = readFileSync(file, 'utf8');
const before = process.cpuUsage();
const wallBefore = performance.now();
const done = exec({
  file,
  sources: new Map([[file, source]]),
  predeclared: { struct: structBuiltin },
  limits: { steps: 1e9, allocationBytes: 2 ** 36 },
});
const wallMs = performance.now() - wallBefore;
const { user, system } = process.cpuUsage(before);
if (!done.ok) {
  for (const error of done.errors) process.stderr.write(`${renderDiagnostic(error, source)}\n`);
  process.exit(1);
}
process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6, wallMs }));
