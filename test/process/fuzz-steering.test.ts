/**
 * Four processes say random words to runs that work, rest and wait: no word is lost or heard twice, no
 * run stays stuck, and every trace replays. A soak says 10,000 words.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';
import { figure } from '../soak/figure.ts';
import { IS_SOAK, seedsOf, sliceOf } from '../soak/slice.ts';

const TERMINALS = 4;
const WORDS_EACH = 25;
/** Of a soak: 100 × 4 × 25 words. */
const slice = sliceOf(4, 100);
const MAX_TURNS = 400;
const RUN = 'steered';

const buildFolder = mkdtempSync(join(tmpdir(), 'whaleflow-steer-'));
buildSync({
  entryPoints: ['steered-driver.ts', 'steering-terminal.ts'].map((name) =>
    join(import.meta.dirname, name),
  ),
  outdir: buildFolder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
symlinkSync(join(import.meta.dirname, '../../node_modules'), join(buildFolder, 'node_modules'));
afterAll(() => rmSync(buildFolder, { recursive: true }));

/** Runs one of the two programs to its end; what it said. */
function start(program: string, words: readonly string[]): Promise<string> {
  const file = join(buildFolder, `${program}.mjs`);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...words]);
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${program} ended with ${code}: ${errors}`)),
    );
  });
}

const open = (stateFolder: string): TraceStore =>
  openStore({
    stateFolder,
    mode: 'create',
    clock: nodeClock,
    timers: nodeTimers,
    chance: nodeChance,
  });

test(
  `${slice.count * TERMINALS * WORDS_EACH} words of ${TERMINALS} processes: none lost or doubled, no run stuck`,
  async () => {
    const heard = new Map<string, number>();
    for (const seed of seedsOf(slice)) {
      const folder = mkdtempSync(join(tmpdir(), 'whaleflow-steered-'));
      try {
        for (const type of await round(folder, seed)) heard.set(type, (heard.get(type) ?? 0) + 1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    figure(`${[...heard.values()].reduce((sum, times) => sum + times, 0)} words heard in time`);
    // Words of most kinds were heard, or this proves little.
    if (!slice.isOne) expect(heard.size).toBeGreaterThanOrEqual(6);
  },
  IS_SOAK ? 3_600_000 : 600_000,
);

interface Said {
  readonly id: number;
  readonly by: string;
  readonly type: string;
}

/** One run from its beginning to its end; the kinds of words that it heard. */
async function round(folder: string, seed: number): Promise<readonly string[]> {
  using store = open(folder);
  let driving: Promise<string> | undefined = start('steered-driver', [folder, RUN, `${seed}`]);
  while (store.run(RUN) === undefined) await Promise.race([driving, turn()]);
  const names = Array.from({ length: TERMINALS }, (_, at) => `s${seed}t${at + 1}`);
  const talk = Promise.all(
    names.map((name) =>
      start('steering-terminal', [folder, RUN, name, `${WORDS_EACH}`, `${seed}`]),
    ),
  );
  let isOver = false;
  const talked = talk.then((lines) => {
    isOver = true;
    return lines;
  });
  for (let turns = 1; ; turns += 1) {
    if (turns > MAX_TURNS) throw new Error(`no end: ${store.run(RUN)?.state}`);
    await Promise.race([driving ?? turn(), talked.then(turn)]);
    if (foldRun(store, RUN).finished !== undefined) break;
    if (isOver) await bringOn(store, `${seed}-${turns}`);
    driving = start('steered-driver', [folder, RUN, `${seed}`]).finally(() => {
      driving = undefined;
    });
    await driving;
  }
  await driving;
  const said = (await talked).flatMap((lines) => lines.split('\n').filter(Boolean).map(toSaid));
  expect(said).toHaveLength(TERMINALS * WORDS_EACH);
  return check(store.read(RUN, 0), said, new Set(store.commands(RUN).map(({ id }) => id)));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** When all have left, one stays who answers, raises and resumes. */
async function bringOn(store: TraceStore, name: string): Promise<void> {
  const { paused, stopped, waiting } = foldRun(store, RUN);
  const say = (by: string, command: Parameters<TraceStore['send']>[3]): Promise<number> =>
    store.send(RUN, `last-${name}-${by}`, nodeClock.now(), command);
  if (paused) await say('resume', { type: 'resume' });
  if (stopped?.because === 'budget') {
    await say('budget', { type: 'budget', budget: { maxLeaves: 1e6 } });
  }
  for (const path of waiting) await say(path, { type: 'answer', path, approved: true });
}

function toSaid(line: string): Said {
  const [id = '', by = '', type = ''] = line.split(' ');
  return { id: Number(id), by, type };
}

function check(
  events: readonly TraceEvent[],
  said: readonly Said[],
  unheard: ReadonlySet<number>,
): readonly string[] {
  const times = new Map<string, number>();
  for (const event of events) {
    if ('by' in event && event.by !== undefined) {
      times.set(event.by, (times.get(event.by) ?? 0) + 1);
    }
  }
  for (const { id, by, type } of said) {
    // What is raised says nothing of who raised it.
    if (type === 'budget') continue;
    expect([by, type, times.get(by) ?? 0]).toEqual([by, type, unheard.has(id) ? 0 : 1]);
  }
  // Words are heard in their order: what nobody has heard came after all that was, too late for the run.
  const heard = said.filter(({ id }) => !unheard.has(id));
  const tooLate = Math.min(...unheard);
  expect(heard.filter(({ id }) => id > tooLate)).toEqual([]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(replay(events)).toMatchObject({ verdict: 'identical' });
  return heard.map(({ type }) => type);
}
