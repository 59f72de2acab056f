/** The live view of a run as lines: pure, so that tests can look at it. */
import { workedMs } from '../../trace/attempt-view.ts';
import type { RunView } from '../../trace/run-view.ts';
import type { LiveRow } from '../../trace/trace-store.ts';
import type { Silence } from '../../workbench/liveness.ts';
import { attemptAddress, type NodePath } from '../../workflow/node-path.ts';
import { activityText, isTool } from '../activity.ts';
import { addressWord } from '../address.ts';
import { costText, tokensText, usdText } from '../amounts.ts';
import { durationText } from '../duration.ts';
import { runTimes } from '../run-times.ts';
import { sandboxOf, UNCONFINED } from '../sandbox-words.ts';
import { lineText, markSegment, type Segment, treeLines } from '../segments.ts';
import { markOfState, type StandingState, silenceText, wordOfState } from '../standing.ts';
import type { Style } from '../style.ts';
import { type TreeRow, treeRows } from '../tree-rows.ts';
import { typed } from '../typed.ts';
import { padded, widthOf } from '../width.ts';

export interface LiveRequest {
  /** As short as it is unique. */
  readonly run: string;
  readonly state: StandingState;
  /** Of its driver. */
  readonly silence?: Silence | undefined;
  readonly live: readonly LiveRow[];
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  /** Of any run, as short as it is unique. */
  readonly short: (run: string) => string;
  readonly style: Style;
  /** The last line: which keys work, or a question. */
  readonly footer: string;
}

const HEAD_LINES = 3;
const MAX_COLUMNS = 120;
const MAX_CHILDREN = 12;

export function drawLive(view: RunView, request: LiveRequest): readonly string[] {
  const { style, rows, live, now, footer, state, short } = request;
  const width = Math.min(MAX_COLUMNS, request.columns - 1);
  const activity = new Map(live.map((row): [NodePath, LiveRow] => [row.path, row]));
  const tree = treeRows(view, {
    now,
    short,
    live: activity,
    isLost: state === 'lost',
    isBrief: true,
    maxChildren: MAX_CHILDREN,
  });
  const silent = [...unconfinedLine(view, style, width), ...silenceLine(request, width)];
  const room = Math.max(1, rows - HEAD_LINES - silent.length - 2);
  return [
    titleLine(view, request, width),
    progressLine(view, request, width),
    ...silent,
    longestLine(view, activity, { ...request, width }),
    ...treeLines(fitRows(tree, room), { style, width }),
    lineText([{ text: ` ${footer}`, paint: 'dim' }], style, width),
  ];
}

function unconfinedLine(view: RunView, style: Style, width: number): readonly string[] {
  if (sandboxOf(view) !== 'none') return [];
  return [lineText([{ text: ` ${UNCONFINED}`, paint: 'yellow' }], style, width)];
}

function titleLine(view: RunView, request: LiveRequest, width: number): string {
  const { run, state, now, style } = request;
  const { started, finished } = view.state;
  const name = `${started?.spec.id ?? ''}  ${run}`;
  const time = durationText(runTimes(view.state, finished?.at ?? now).workedMs);
  const word =
    state === 'lost' ? `lost · ${typed(`resume ${run}`)}` : `${wordOfState[state]} ${time}`;
  const right = 2 + widthOf(style.text(word));
  return lineText(
    [
      { text: ` ${padded(name, Math.max(1, width - right - 2))}`, paint: 'bold' },
      { text: ' ' },
      markSegment(markOfState[state], style),
      { text: ` ${word}` },
    ],
    style,
    width,
  );
}

function silenceLine({ silence, run, style }: LiveRequest, width: number): readonly string[] {
  if (silence === undefined) return [];
  const text = ` ${silenceText(silence, run)}`;
  return [
    lineText([{ text: ' ' }, markSegment('quiet', style), { text, paint: 'yellow' }], style, width),
  ];
}

const BAR_WIDTH = 16;

function progressLine(view: RunView, { style }: LiveRequest, width: number): string {
  const { state } = view;
  const sums = view.rollup('');
  const total =
    state.plan === undefined ? { count: 0, atMost: false } : view.total(state.plan.root, '');
  const filled = total.count === 0 ? 0 : Math.floor((BAR_WIDTH * sums.done) / total.count);
  const bar = `▕${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}▏`;
  const ceiling = state.started?.spec.budget.maxCostMicroUsd;
  const of = ceiling === undefined ? '' : ` of ${usdText(ceiling)}`;
  const parts = [
    `${sums.done}/${total.atMost ? '≤' : ''}${total.count} leaves${width < 60 ? '' : ` ${bar}`}`,
    `${costText(sums.costMicroUsd, sums.costStatus)}${of}`,
    tokensText(sums.tokens),
    ...counted(sums.pruned, 'pruned'),
    ...counted(sums.failed, 'failed'),
    ...counted(sums.reused, 'reused'),
    ...counted(sums.memoHits, 'from memo'),
  ];
  return lineText([{ text: ` ${parts.join('   ')}` }], style, width);
}

const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}`];

function longestLine(
  view: RunView,
  activity: ReadonlyMap<NodePath, LiveRow>,
  { run, now, style, state, width }: LiveRequest & { readonly width: number },
): string {
  const [first] = view.running();
  if (first === undefined || state === 'lost') return '';
  const last = activity.get(first.path);
  const plan = view.state.nodes.get(first.path)?.plan;
  const offer = typed(`retry ${addressWord(run, first.path)}`);
  const isProcess = plan !== undefined && isTool(plan);
  const parts: Segment[] = [
    { text: ' longest: ' },
    { text: attemptAddress(first.path, first.attempt), paint: 'bold' },
    { text: `  ${durationText(workedMs(first, now))}` },
    {
      text: last === undefined ? '' : ` · ${activityText(last, { now, isTool: isProcess, offer })}`,
      paint: 'dim',
    },
  ];
  return lineText(parts, style, width);
}

/** Leaves out what matters least until the rest fits: what waits inside, then what is done inside. */
function fitRows(rows: readonly TreeRow[], room: number): readonly TreeRow[] {
  const steps: readonly ((row: TreeRow) => boolean)[] = [
    () => true,
    ({ depth, mark }) => depth === 0 || mark !== 'waiting',
    ({ depth, mark }) => depth === 0 || (mark !== 'waiting' && !isOver(mark)),
    ({ depth, mark }) => (depth === 0 && !isOver(mark)) || mark === 'running' || mark === 'asks',
  ];
  for (const keeps of steps) {
    const kept = rows.filter(keeps);
    if (kept.length <= room) return kept;
  }
  return rows.filter(({ mark }) => mark === 'running' || mark === 'asks').slice(0, room);
}

const isOver = (mark: TreeRow['mark']): boolean =>
  mark === 'done' || mark === 'memo' || mark === 'reused' || mark === 'cancelled';
