/** A run with a driver process of its own, for others to follow: many leaves of a mocked model. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';

export const LEAVES = 400;
const PARALLEL = 8;
const LEAF_MS = 300;
const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli', 'cli.ts');

export interface FollowedRun {
  readonly id: string;
  readonly stateFolder: string;
  /** The words of a command, for `node`. */
  cli(...words: string[]): readonly string[];
  /** Leaves that have ended. */
  done(): number;
  killDriver(): void;
  resume(): void;
  events(): {
    /** When each leaf’s end, and each event, was made: wall time, ms. */
    readonly finished: ReadonlyMap<string, number>;
    readonly atOf: ReadonlyMap<number, number>;
    /** When the last driver began. */
    readonly resumedAt: number;
  };
}

/** Starts it. */
export function followedRun(folder: string): FollowedRun {
  const stateFolder = join(folder, 'state');
  writeFileSync(join(folder, 'followed.json'), JSON.stringify(document()));
  const rules = JSON.stringify([{ path: '*', answer: 'done', latencyMs: LEAF_MS }]);
  writeFileSync(join(folder, 'answers.json'), rules);
  const cli = (...words: string[]): readonly string[] => [
    CLI,
    '--state-dir',
    stateFolder,
    ...words,
  ];
  const whaleflow = (...words: string[]): string => {
    const done = spawnSync(process.execPath, cli(...words), { cwd: folder, encoding: 'utf8' });
    if (done.status === 0) return done.stdout;
    throw new Error(`${words.join(' ')}: ${done.stdout}${done.stderr}`);
  };
  const jobs = String(PARALLEL);
  const id = whaleflow(
    'run',
    'followed.json',
    '--mock=answers.json',
    '-d',
    '-y',
    '-j',
    jobs,
  ).trim();
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  const store = openStore({ stateFolder, mode: 'read', ...world });
  return {
    id,
    stateFolder,
    cli,
    done: () => store.run(id)?.done ?? 0,
    killDriver() {
      const lease = store.lease(id);
      if (lease !== undefined) process.kill(lease.pid, 'SIGKILL');
    },
    resume: () => void whaleflow('resume', id, '-d', '-y'),
    events() {
      const events = store.read(id, 0);
      const ends = events.filter((event) => event.type === 'leaf.finished');
      const drivers = events.filter((event) => event.type === 'run.driven');
      return {
        finished: new Map(ends.map((event) => [event.path, event.at])),
        atOf: new Map(events.map(({ seq, at }) => [seq, at])),
        resumedAt: drivers.at(-1)?.at ?? 0,
      };
    },
  };
}

function document(): unknown {
  const children = Array.from({ length: LEAVES }, (_, n) => {
    const task = { type: 'model', prompt: `${n}` };
    return { kind: 'leaf', id: `l${n}`, task };
  });
  const nodes = [{ kind: 'branch_set', id: 'all', children }];
  return { id: 'followed', goal: 'to be followed', budget: { maxLeaves: 10_000 }, nodes };
}
