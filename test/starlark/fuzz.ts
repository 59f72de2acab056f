/**
 * Random and damaged programs against the whole of Starlark: none may crash, hang, end in an error
 * without a place, show JavaScript, or leave a trace in the process.
 * Usage: node test/starlark/fuzz.ts [--from N] [--count N] [--state FILE]; a state file is resumed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { StarlarkDiagnostic } from '../../src/starlark/diagnostic.ts';
import { jsonModule, mathModule, structBuiltin } from '../../src/starlark/standard-library.ts';
import { exec } from '../../src/starlark/starlark.ts';
import { chanceFrom, mutated, randomProgram } from './programs-at-random.ts';

const limits = { steps: 20_000, allocationBytes: 8 * 1024 * 1024, callDepth: 100 };
const slowMs = 2_000;
const javaScript =
  /undefined is not|is not a function|Cannot read|Cannot convert|Cannot mix|\[object |of undefined|of null|Maximum call|Invalid (?:array|string|regular)|TypeError|RangeError|SyntaxError|ReferenceError|BigInt\b/;

export interface Finding {
  readonly seed: number;
  readonly problem: string;
  readonly program: string;
}

function programOf(seed: number): string {
  const chance = chanceFrom(seed);
  const program = randomProgram(chance);
  return seed % 2 === 0 ? program : mutated(program, randomProgram(chance), chance);
}

/** Runs the program of one seed, and tells what is wrong with how it ended. */
export function tryProgram(seed: number): Finding | undefined {
  const program = programOf(seed);
  const start = performance.now();
  let problem: string | undefined;
  try {
    const done = exec({
      file: 'fuzz.star',
      sources: new Map([['fuzz.star', program]]),
      predeclared: { struct: structBuiltin, json: jsonModule, math: mathModule },
      limits,
    });
    if (!done.ok) problem = done.errors.map((error) => faultOf(error, program)).find(Boolean);
  } catch (error) {
    problem = `thrown: ${error instanceof Error ? error.stack : String(error)}`;
  }
  const elapsedMs = performance.now() - start;
  if (elapsedMs > slowMs) problem ??= `took ${Math.round(elapsedMs)} ms`;
  return problem === undefined ? undefined : { seed, problem, program };
}

function faultOf(error: StarlarkDiagnostic, program: string): string | undefined {
  const { line, column, message } = error;
  const text = program.split(/\r\n|\r|\n/)[line - 1];
  if (text === undefined || column < 1 || column > text.length + 1) {
    return `no such place: ${line}:${column} ${message}`;
  }
  if (message === '') return 'an empty message';
  const said = message.replace(/"(?:[^"\\]|\\.)*"/g, '');
  return javaScript.test(said) && !/fail: /.test(said) ? `JavaScript in: ${message}` : undefined;
}

/** What a program could have left behind. */
export function traces(): string {
  const globals = Object.getOwnPropertyNames(globalThis).length;
  const prototypes = [Object.prototype, Array.prototype, String.prototype, Map.prototype];
  return [globals, ...prototypes.map((one) => Reflect.ownKeys(one).length)].join(' ');
}

function main(): number {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '0' },
      count: { type: 'string', default: '1000000' },
      state: { type: 'string' },
    },
  });
  const { state } = values;
  const resumed = state !== undefined && existsSync(state) ? readFileSync(state, 'utf8') : '';
  const before = traces();
  const end = Number(values.from) + Number(values.count);
  let found = 0;
  for (let seed = Number(resumed === '' ? values.from : resumed); seed < end; seed++) {
    const finding = tryProgram(seed);
    if (finding !== undefined) {
      found++;
      console.log(`seed ${seed}: ${finding.problem}\n${finding.program}---`);
    }
    if (seed % 10_000 === 9_999) {
      console.log(`${seed + 1} programs, ${found} findings`);
      if (state !== undefined) writeFileSync(state, String(seed + 1));
    }
  }
  if (traces() !== before) console.log(`globals changed: ${before} -> ${traces()}`);
  return found === 0 && traces() === before ? 0 : 1;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = main();
}
