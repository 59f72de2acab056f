/**
 * The long forms of all properties and crash tests, under one command that can be stopped and goes on:
 *
 *     npm run soak                            all of them, what has passed on this version left out
 *     npm run soak -- simulation kills        only these (`--list` says which there are)
 *     npm run soak -- --minutes 60            no new slice after an hour; the next call goes on
 *     npm run soak -- --jobs 1                not more than one process at once (all cores, else)
 *     npm run soak -- --again                 what has passed counts for nothing
 *
 * Ends with a table and `N passed, N failed`; exit 0 only if nothing failed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openJournal } from './journal.ts';
import { runSlice } from './run-slice.ts';
import { type Soak, soaks } from './soaks.ts';
import { openSlices, soakTable } from './table.ts';

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: `${availableParallelism()}` },
    minutes: { type: 'string', default: 'Infinity' },
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const jobs = Number(values.jobs);
const minutes = Number(values.minutes);
if (!(jobs >= 1 && minutes > 0)) throw new Error('--jobs and --minutes are numbers above 0');
const unknown = positionals.filter((name) => !soaks.some((soak) => soak.name === name));
if (unknown.length > 0) {
  throw new Error(`no soak ${unknown.join(', ')}; there are: ${namesOf(soaks)}`);
}
const wanted = soaks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const journal = openJournal(join(root, '.soak/journal.jsonl'), versionOf(), values.again);
const begun = performance.now();
const stop = new AbortController();
const isTimeLeft = (): boolean =>
  !stop.signal.aborted && performance.now() - begun < minutes * 60_000;
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

if (!values.list) for (const soak of wanted) await run(soak);
console.log(`\n${soakTable(wanted, journal.rows())}`);
const names = new Set(wanted.map(({ name }) => name));
const rows = journal.rows().filter((row) => names.has(row.soak));
const failed = rows.filter(({ isPassed }) => !isPassed).length;
if (!values.list) console.log(`${rows.length - failed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
if (stop.signal.aborted) process.exitCode = 130;

/** As many slices at once as may be, until none is left or the time is over. */
async function run(soak: Soak): Promise<void> {
  const open = [...openSlices(soak, journal.rows())];
  const worker = async (): Promise<void> => {
    while (isTimeLeft()) {
      const slice = open.shift();
      if (slice === undefined) return;
      const end = await runSlice(soak, slice, stop.signal);
      // A slice that was stopped has shown nothing.
      if (stop.signal.aborted) return;
      journal.add({ soak: soak.name, ...slice, ...end });
      const last = slice.from + slice.count - 1;
      const mark = end.isPassed ? '✓' : '✗';
      const took = `${(end.ms / 1000).toFixed(1)} s`;
      console.log(`${mark} ${soak.name} ${slice.from} to ${last} of ${soak.total}: ${took}`);
      if (!end.isPassed) console.log(end.said.map((line) => `  | ${line}`).join('\n'));
    }
  };
  await Promise.all(Array.from({ length: soak.isParallel ? jobs : 1 }, worker));
}

/** The commit, and a digest of what was changed since: what passed there says nothing of another. */
function versionOf(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const changed = git('diff', 'HEAD') + git('status', '--porcelain');
  const commit = git('rev-parse', 'HEAD').trim();
  if (changed === '') return commit;
  return `${commit}+${createHash('sha256').update(changed).digest('hex').slice(0, 12)}`;
}

function namesOf(all: readonly Soak[]): string {
  return all.map(({ name }) => (name.includes(' ') ? `"${name}"` : name)).join(' ');
}
