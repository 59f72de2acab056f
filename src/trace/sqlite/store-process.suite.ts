/** The other process of the crash and race tests: `node store-process.suite.ts VERB FOLDER …`. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { WhaleFlowError } from '../../base/errors.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { RunRow } from '../run-row.ts';
import type { LeaseHolder, NewEvent, TraceStore } from '../trace-store.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { databasePath } from './open-database.ts';
import { openStore } from './sqlite-store.ts';

/** Makes an upgrade long enough to be killed in. */
export const SLOW_MIGRATION: string = `
  CREATE TABLE added (n INTEGER PRIMARY KEY, noise BLOB) STRICT;
  INSERT INTO added (noise)
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 60000)
    SELECT randomblob(100) FROM counter;
  ALTER TABLE run ADD COLUMN added INTEGER;
`;

const me: LeaseHolder = { pid: process.pid, host: 'here', bootId: 'boot-1' };

const verbs: Readonly<Record<string, (folder: string, run: string) => Promise<void> | void>> = {
  append: appendUntilKilled,
  race: raceForLeases,
  migrate: upgrade,
};

const [, script, verb = '', folder = '', run = ''] = process.argv;
if (script === import.meta.filename) await verbs[verb]?.(folder, run);

/** Says `seq` after each append that was acknowledged. */
async function appendUntilKilled(folder: string, run: string): Promise<void> {
  const store = open(folder);
  let after = store.run(run)?.seq ?? 0;
  const { epoch } = await store.acquire(run, me, { now: 0, staleMs: 0, isAlive });
  for (;;) {
    const events = Array.from({ length: 1 + (after % 5) }, (_, index) => eventOf(after + index));
    const row = rowOf(run, after);
    after = await store.append({ run, epoch, after, events, row });
    say(`${after}`);
    // Like a driver, which lets a turn of the event loop pass between two commits.
    await new Promise((resume) => setTimeout(resume, 0));
  }
}

/** For each run that it is told: says who holds the lease afterwards, as far as it knows. */
async function raceForLeases(folder: string): Promise<void> {
  const store = open(folder);
  say('ready');
  for await (const run of createInterface(process.stdin)) {
    try {
      const { epoch } = await store.acquire(run, me, { now: 0, staleMs: 0, isAlive });
      say(`won ${run} ${epoch}`);
    } catch (error) {
      if (!(error instanceof WhaleFlowError)) throw error;
      say(`${error.code} ${error.message}`);
    }
  }
  store[Symbol.dispose]();
}

function upgrade(folder: string): void {
  const db = new DatabaseSync(databasePath(folder));
  say('ready');
  migrate(db, [...MIGRATIONS, SLOW_MIGRATION]);
  say('done');
}

function open(stateFolder: string): TraceStore {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  return openStore({ stateFolder, mode: 'existing', ...world });
}

function isAlive({ pid }: Pick<LeaseHolder, 'pid'>): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function eventOf(n: number): NewEvent {
  return { type: 'timer.fired', path: `node-${n}`, timer: 'x'.repeat(n % 700), at: n };
}

function rowOf(run: string, seq: number): RunRow {
  return {
    run,
    workflow: 'demo',
    state: 'running',
    startedAt: 1,
    updatedAt: seq,
    done: 0,
    total: 0,
    inFlight: 0,
    waiting: 0,
    costMicroUsd: 0,
    costStatus: 'exact',
    tokens: 0,
    seq,
  };
}

/** At once, so that a kill right after loses nothing that was said. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
