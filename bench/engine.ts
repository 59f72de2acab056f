/**
 * What one fact costs the engine alone, and what it keeps in memory for each leaf: `npm run bench --
 * engine`. No store and no leaf chain: facts are made up, decisions are counted. Time is CPU time, the
 * best of several, in processes of their own, since a large heap makes what comes after it slower.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { EngineFigures } from './engine/measure-shape.ts';
import { SHAPES, SIZES } from './engine/shapes.ts';

const measure = join(import.meta.dirname, 'engine', 'measure-shape.ts');

function figuresOf(shape: string, size: number): EngineFigures {
  const done = spawnSync(process.execPath, ['--expose-gc', measure, shape, String(size)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`${shape} of ${size} failed`);
  return JSON.parse(done.stdout) as EngineFigures;
}

const lines: string[] = [];
process.stdout.write('shape        leaves   facts   µs a fact   to 1,000   B a leaf\n');
for (const shape of Object.keys(SHAPES)) {
  let base = Number.NaN;
  for (const size of SIZES) {
    const figures = figuresOf(shape, size);
    if (size === SIZES[0]) base = figures.usPerFact;
    const ratio = figures.usPerFact / base;
    const cells = [
      String(size).padStart(8),
      String(figures.facts).padStart(7),
      figures.usPerFact.toFixed(2).padStart(11),
      ratio.toFixed(2).padStart(10),
      String(figures.bytesPerLeaf).padStart(10),
    ];
    process.stdout.write(`${shape.padEnd(11)}${cells.join(' ')}\n`);
    lines.push(JSON.stringify({ bench: 'engine', shape, ...figures, ratio }));
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
