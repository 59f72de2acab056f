/** `whaleflow` and `whaleflow status`: one screen of what runs and what needs a person. */
import type { ExitStatus } from '../../base/error-codes.ts';
import type { JsonObject } from '../../base/json.ts';
import { VERSION } from '../../base/version.ts';
import type { TraceStore } from '../../trace/trace-store.ts';
import { type WaitActivity, waitOf } from '../../trace/wait-activity.ts';
import { type Approval, waitingApprovals } from '../../workbench/approvals.ts';
import { pinnedRuns } from '../../workbench/pins.ts';
import { waitText } from '../activity.ts';
import { addressWord, topSegment } from '../address.ts';
import { timeJson } from '../amounts.ts';
import { approvalJson, approvalTable } from '../approval-table.ts';
import type { CommandContext } from '../context.ts';
import { ageText } from '../duration.ts';
import { existingStore, shortIds } from '../runs.ts';
import { levelIn, UNCONFINED } from '../sandbox-words.ts';
import { isMocked, isOpen, runJson, type Standing, standingOf } from '../standing.ts';
import { typable } from '../typed.ts';
import { runTable } from './ls.ts';

const MAX_ACTIVE = 10;
const MAX_FINISHED = 3;
const MAX_APPROVALS = 5;
/** Runs older than the newest so many are not looked at: one screen, in one moment. */
const MAX_LOOKED_AT = 200;

export async function run(context: CommandContext): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const store = existingStore(workbench);
  const rows = store?.runs({ limit: MAX_LOOKED_AT }) ?? [];
  const standings = store === undefined ? [] : rows.map((row) => standingOf(workbench, store, row));
  const open = standings.filter(isOpen);
  const active = open.filter(({ state }) => state === 'running' || state === 'pausing');
  const needing = open.filter((standing) => !active.includes(standing));
  const finished = standings.filter((standing) => !isOpen(standing)).slice(0, MAX_FINISHED);
  const approvals = store === undefined ? [] : waitingApprovals(store);
  const now = workbench.clock.now();
  const short = shortIds(rows);
  const pinned = pinnedRuns(workbench);
  const isMock = (run: string): boolean => store !== undefined && isMocked(store, run);
  const next = nextCommands({ active, needing, finished, approvals }, short)
    .filter((line) => isKnown(context, line))
    .map(typable);
  const { output } = context;
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.status/1',
      at: timeJson(now),
      active: active.map((standing) => activeJson(store, standing, now)),
      needs_you: needing.map((standing) => runJson(standing, now)),
      approvals: approvals.map(approvalJson),
      finished: finished.map((standing) => runJson(standing, now)),
      next,
    });
    return 0;
  }
  const asking = active.filter(({ row }) => row.waiting > 0);
  const needingCount = needing.length + asking.length;
  output.data(
    headline(workbench.places.root, {
      runs: rows.length,
      active: active.length,
      needing: needingCount,
    }),
  );
  const sections: readonly (readonly [string, readonly Standing[]])[] = [
    ['', [...active, ...needing].slice(0, MAX_ACTIVE)],
    ['finished', finished],
  ];
  for (const [title, some] of sections) {
    if (some.length === 0) continue;
    output.data(title === '' ? '' : `\n${output.style.paint('dim', title)}`);
    for (const line of runTable(context, some, { short, now, pinned, isMock })) output.data(line);
  }
  for (const standing of active) {
    for (const { leaf, wait } of waitsOf(store, standing)) {
      output.data(`  ${addressWord(short(standing.row.run), leaf)}   ${waitText(wait, now)}`);
    }
  }
  for (const { row } of open.slice(0, MAX_ACTIVE)) {
    if (store === undefined || levelOf(store, row.run) !== 'none') continue;
    output.data(`${output.style.paint('yellow', 'warning')}: ${short(row.run)} ${UNCONFINED}`);
  }
  if (approvals.length > 0) {
    const some = approvals.slice(0, MAX_APPROVALS);
    output.data(`\n${output.style.paint('dim', 'waits for your answer')}`);
    for (const line of approvalTable(context, some, { short, now })) output.data(line);
  }
  output.data('');
  for (const line of next) output.data(`  ${line}`);
  return 0;
}

function levelOf(store: TraceStore, run: string): ReturnType<typeof levelIn> {
  const [first] = store.read(run, 0, 1);
  return levelIn(first?.type === 'run.started' ? first : undefined);
}

interface Counts {
  readonly runs: number;
  readonly active: number;
  readonly needing: number;
}

function headline(root: string, { runs, active, needing }: Counts): string {
  const counts = [
    active > 0 ? `${active} running` : '',
    needing > 0 ? `${needing} need${needing === 1 ? 's' : ''} you` : '',
  ].filter((text) => text !== '');
  const quiet = runs === 0 ? 'no runs here yet' : 'nothing runs';
  const said = counts.length === 0 ? quiet : counts.join(' · ');
  return `WhaleFlow ${VERSION}  ${root}  ${said}`;
}

/** The row, with what a parent process needs to tell healthy from stuck. */
function activeJson(store: TraceStore | undefined, standing: Standing, now: number): JsonObject {
  const { row } = standing;
  const live = store?.live(row.run) ?? [];
  const lastActivityAt = Math.max(row.updatedAt, ...live.map((one) => one.lastActivityAt));
  const { longest } = row;
  return {
    ...runJson(standing, now),
    sandbox: store === undefined ? null : (levelOf(store, row.run) ?? null),
    phase: longest === undefined ? null : topSegment(longest.path),
    last_activity_ms: Math.max(0, now - lastActivityAt),
    last_activity: ageText(now - lastActivityAt),
    waits: waitsOf(store, standing).map(({ leaf, wait: { for: what, untilMs, why } }) => ({
      leaf: `${row.run}/${leaf}`,
      for: what,
      until: untilMs === undefined ? null : timeJson(untilMs),
      why: why ?? null,
    })),
  };
}

interface LeafWait {
  readonly leaf: string;
  readonly wait: WaitActivity;
}

const MAX_WAITS = 5;

/** Leaves that wait for a provider, and until when. */
function waitsOf(store: TraceStore | undefined, { row }: Standing): readonly LeafWait[] {
  const live = store?.live(row.run) ?? [];
  return live
    .flatMap((one) => {
      const wait = waitOf(one);
      return wait === undefined ? [] : [{ leaf: one.path, wait }];
    })
    .slice(0, MAX_WAITS);
}

const isKnown = ({ known }: CommandContext, line: string): boolean => {
  const word = line.split(' ')[1] ?? '';
  return word.startsWith('-') || known.has(word);
};

interface Groups {
  readonly active: readonly Standing[];
  readonly needing: readonly Standing[];
  readonly finished: readonly Standing[];
  readonly approvals: readonly Approval[];
}

/** Where nothing has run yet. */
const FIRST: readonly string[] = [
  'whaleflow demo            two agents mend a bug, tests decide: no cost',
  'whaleflow init            set up this repository',
  'whaleflow run diagnose    what is wrong here, and a plan; changes nothing',
  'whaleflow --help          everything else',
];

function nextCommands(
  { active, needing, finished, approvals }: Groups,
  short: (run: string) => string,
): readonly string[] {
  const lines: string[] = [];
  const [asks] = approvals;
  const needs = needing.find(({ state }) => state !== 'waiting');
  const [runs] = active;
  const [ended] = finished;
  if (asks !== undefined)
    lines.push(`whaleflow approve ${addressWord(short(asks.run), asks.path)}`);
  if (needs !== undefined) lines.push(`whaleflow resume ${short(needs.row.run)}`);
  if (runs !== undefined) lines.push(`whaleflow watch ${short(runs.row.run)}`);
  if (ended !== undefined) lines.push(`whaleflow show ${short(ended.row.run)}`);
  if (lines.length === 0) return FIRST;
  lines.push('whaleflow ls', 'whaleflow --help');
  return lines.slice(0, 3);
}
