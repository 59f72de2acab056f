/** `whaleflow ls`: runs, newest first, from their rows alone. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { RunRow } from '../../trace/run-row.ts';
import { pinnedRuns } from '../../workbench/pins.ts';
import { costText, leavesText } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import { ageText, durationText } from '../duration.ts';
import type { CommandInput } from '../input.ts';
import { existingStore, shortIds } from '../runs.ts';
import {
  isMocked,
  isOpen,
  markOfState,
  runJson,
  type Standing,
  type StandingState,
  silenceText,
  standingOf,
  wordOfState,
} from '../standing.ts';
import type { Mark, Paint } from '../style.ts';
import { type Cell, type Column, tableText } from '../table-text.ts';

const DEFAULT_LIMIT = 20;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output, flags } = context;
  const workbench = await context.workbench();
  const store = existingStore(workbench);
  const rows = store?.runs() ?? [];
  const limit = input.has('all') ? rows.length : (input.integer('limit', 1) ?? DEFAULT_LIMIT);
  const wanted = readState(input.text('state'));
  const workflow = input.text('workflow');
  const found: Standing[] = [];
  for (const row of rows) {
    if (store === undefined || found.length >= limit) break;
    if (workflow !== undefined && row.workflow !== workflow) continue;
    const standing = standingOf(workbench, store, row);
    if (wanted === undefined || wanted === standing.state) found.push(standing);
  }
  const now = workbench.clock.now();
  const pinned = pinnedRuns(workbench);
  const isMock = (run: string): boolean => store !== undefined && isMocked(store, run);
  const pageOf = (standing: Standing): JsonObject => {
    const { run } = standing.row;
    return { ...runJson(standing, now), pinned: pinned.has(run), mock: isMock(run) };
  };
  if (flags.format === 'jsonl') {
    for (const standing of found) {
      output.jsonLine({ schema: 'whaleflow.run/1', ...pageOf(standing) });
    }
  } else if (flags.format === 'json') {
    const runs = found.map(pageOf);
    output.json({ schema: 'whaleflow.runs/1', runs });
  } else if (found.length === 0) {
    output.talk(rows.length === 0 ? 'no runs yet     start one: whaleflow demo' : 'none of these');
  } else {
    for (const line of runTable(context, found, { short: shortIds(rows), now, pinned, isMock }))
      output.data(line);
    const more = rows.length - found.length;
    if (more > 0 && wanted === undefined && workflow === undefined) {
      output.talk(`${more} more: whaleflow ls --all`);
    }
  }
  return 0;
}

/** As it is stored, or as the table says it. */
function readState(word: string | undefined): StandingState | undefined {
  if (word === undefined) return undefined;
  const states = Object.keys(wordOfState) as readonly StandingState[];
  const found = states.find((state) => state === word || wordOfState[state] === word);
  if (found !== undefined) return found;
  throw new WhaleFlowError('WF2002', `no run is ever in the state \`${word}\``, {
    notes: [`there are: ${states.join(', ')}`],
    hint: 'whaleflow ls --state failed',
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'RUN' },
  { title: 'WORKFLOW', least: 10 },
  { title: 'STATE' },
  { title: 'DONE', side: 'right' },
  { title: 'COST', side: 'right', dropped: 1 },
  { title: 'AGE', side: 'right', dropped: 2 },
  // Last, so that one long reason does not push the rest of every line away.
  { title: 'LEAF OR REASON', least: 12, dropped: 3 },
];

export interface RunTableRequest {
  readonly short: (run: string) => string;
  readonly now: number;
  readonly pinned: ReadonlySet<string>;
  readonly isMock: (run: string) => boolean;
}

function nameOf(
  { run, name, workflow }: RunRow,
  { pinned, isMock }: Pick<RunTableRequest, 'pinned' | 'isMock'>,
): string {
  const words = [
    ...(name === undefined ? [] : [name]),
    ...(isMock(run) ? ['mock'] : []),
    ...(pinned.has(run) ? ['pinned'] : []),
  ];
  return words.length === 0 ? workflow : `${workflow} (${words.join(', ')})`;
}

/** Runs as a table; also on the status page. */
export function runTable(
  { output, flags }: CommandContext,
  standings: readonly Standing[],
  { short, now, pinned, isMock }: RunTableRequest,
): readonly string[] {
  const rows = standings.map((standing): readonly Cell[] => {
    const { row } = standing;
    const mark = flags.plain ? '' : `${output.style.glyph(markOf(standing))} `;
    return [
      { text: short(row.run), paint: 'bold' },
      { text: nameOf(row, { pinned, isMock }) },
      { text: `${stripped(mark)}${stateText(standing)}`, ...paintOf(standing) },
      { text: `${row.done}/${row.total}` },
      { text: costText(row.costMicroUsd, row.costStatus) },
      { text: ageText(now - row.startedAt) },
      { text: detailOf(standing, now, short(row.run)) },
    ];
  });
  const { style, columns } = output;
  return tableText(COLUMNS, rows, { style, width: columns, isPlain: flags.plain });
}

// The cell is painted as a whole, so that its width is known.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const stripped = (text: string): string => text.replace(/\x1b\[\d+m/g, '');

/** Who waits for a person says so, also while other leaves are at work. */
const needsPerson = ({ row, state }: Standing): boolean =>
  row.waiting > 0 && (state === 'running' || state === 'waiting');

const markOf = (standing: Standing): Mark =>
  needsPerson(standing)
    ? 'asks'
    : standing.silence === undefined
      ? markOfState[standing.state]
      : 'quiet';

function stateText(standing: Standing): string {
  const { row, state, silence } = standing;
  if (silence !== undefined) return silence.isStopped ? 'driver stopped' : 'driver silent';
  if (!needsPerson(standing)) return wordOfState[state];
  return `needs you${row.waiting > 1 ? ` (${row.waiting})` : ''}`;
}

function paintOf({ state, silence }: Standing): { readonly paint?: Paint } {
  if (silence !== undefined) return { paint: 'yellow' };
  switch (state) {
    case 'running':
    case 'pausing':
      return { paint: 'cyan' };
    case 'succeeded':
      return { paint: 'green' };
    case 'failed':
    case 'lost':
      return { paint: 'red' };
    case 'cancelled':
      return { paint: 'dim' };
    case 'degraded':
    case 'paused':
    case 'stopped':
    case 'waiting':
      return { paint: 'yellow' };
  }
}

function detailOf(standing: Standing, now: number, run: string): string {
  const { row, state, silence } = standing;
  if (silence !== undefined) return silenceText(silence, run);
  if (state === 'lost') {
    const why = standing.whyLost?.includes('WF7004') ? 'disk full' : 'driver died';
    return `${why}; resume keeps ${leavesText(row.done)}`;
  }
  if (isOpen(standing) && row.longest !== undefined && state !== 'stopped') {
    return `${row.longest.path} ${durationText(now - row.longest.startedAt)}`;
  }
  if (row.because !== undefined) return row.because;
  return row.parent === undefined ? '' : 'fork';
}
