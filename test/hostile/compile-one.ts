/** Compiles the file of its arguments in a process of its own, where prototypes are frozen; says what it took. */
import { readFileSync } from 'node:fs';

// Whatever would pollute a prototype throws.
Object.freeze(Object.prototype);
Object.freeze(Array.prototype);
Object.freeze(Function.prototype);

const { compileWorkflow } = await import('../../src/authoring/compile.ts');
const [path = ''] = process.argv.slice(2);
// What other processes take does not count.
const started = process.cpuUsage();
const compiled = compileWorkflow({ file: path, source: readFileSync(path, 'utf8') });
const { user, system } = process.cpuUsage(started);
const tookMs = (user + system) / 1000;
const [first] = 'diagnostics' in compiled ? compiled.diagnostics : [];
const rssMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({
    tookMs,
    rssMiB,
    said: `${first?.code} ${first?.span?.line}: ${first?.message}`,
  }),
);
