/** One slice of a soak, as a process of its own. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Soak } from './soaks.ts';

export interface SliceEnd {
  readonly isPassed: boolean;
  readonly ms: number;
  readonly said: readonly string[];
}

interface Range {
  readonly from: number;
  readonly count: number;
}

const root = join(import.meta.dirname, '../..');
const MAX_TEXT = 8_000;
const MAX_LINES = 40;

/** Runs a slice to its end; an abort of `signal` ends its process, and the slice has not passed. */
export async function runSlice(soak: Soak, range: Range, signal: AbortSignal): Promise<SliceEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-slice-'));
  const figures = join(folder, 'figures');
  const begun = performance.now();
  try {
    const child = start(soak, range, figures);
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    const { code, text } = await endOf(child);
    signal.removeEventListener('abort', stop);
    const isPassed = code === 0;
    const said = isPassed ? figuresOf(soak, text, figures) : lastLines(text);
    return { isPassed, ms: Math.round(performance.now() - begun), said };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start({ work }: Soak, { from, count }: Range, figures: string): ChildProcess {
  const options: SpawnOptions = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] };
  if (work.by === 'seeds') {
    const words = ['test/soak/seeds.ts', work.check, `${from}`, `${count}`];
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], options);
  }
  const slice = { WHALEFLOW_FROM: `${from}`, WHALEFLOW_RUNS: `${count}` };
  const env = { ...process.env, WHALEFLOW_SOAK: '1', WHALEFLOW_FIGURES: figures, ...slice };
  const only = work.pattern === undefined ? [] : ['-t', work.pattern];
  const words = ['node_modules/vitest/vitest.mjs', 'run', ...work.files, ...only];
  return spawn(process.execPath, words, { ...options, env });
}

function endOf(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = '';
  const hear = (chunk: Buffer): void => {
    text = (text + String(chunk)).slice(-MAX_TEXT);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

/** The tally of seeds is their only line. */
function figuresOf({ work }: Soak, text: string, file: string): readonly string[] {
  if (work.by === 'seeds') return [text.trim()];
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

const lastLines = (text: string): readonly string[] =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-MAX_LINES);
