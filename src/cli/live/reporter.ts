/** Shows a run while it goes on: a picture on a terminal, lines in a pipe, or nothing. */

import { workedMs } from '../../trace/attempt-view.ts';
import type { TraceEvent } from '../../trace/events.ts';
import type { RunView } from '../../trace/run-view.ts';
import type { TraceStore } from '../../trace/trace-store.ts';
import { addressText } from '../address.ts';
import { clockText, costText } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import { durationText } from '../duration.ts';
import { eventLine } from '../event-line.ts';
import { lineText } from '../segments.ts';
import type { Standing } from '../standing.ts';
import { drawLive } from './draw-live.ts';
import { liveScreen } from './live-screen.ts';

export interface Reporter extends Disposable {
  /** After the view has folded the event. */
  see(event: TraceEvent, view: RunView): void;
  /** Time has passed, or much has been seen. `footer`: which keys work. */
  tick(view: RunView, standing: Standing, footer: string): void;
}

export interface ReporterRequest {
  /** As short as it is unique. */
  readonly run: string;
  /** Of any run. */
  readonly short: (run: string) => string;
  readonly store: TraceStore;
  readonly now: () => number;
}

/** What fits the process: JSON and `--quiet` say nothing. */
export function reporterFor(context: CommandContext, request: ReporterRequest): Reporter {
  if (isSilent(context)) return silent;
  return isScreen(context) ? screenReporter(context, request) : lineReporter(context, request);
}

/** Says whether each event is told; otherwise where a run stands is all that is shown. */
export function tellsEvents(context: CommandContext): boolean {
  return !isSilent(context) && !isScreen(context);
}

const isSilent = ({ output, flags }: CommandContext): boolean =>
  output.isJson || flags.verbosity < 0;

const isScreen = ({ host, flags }: CommandContext): boolean =>
  host.stderr.isTerminal && !flags.plain && host.env['TERM'] !== 'dumb';

const silent: Reporter = { see() {}, tick() {}, [Symbol.dispose]() {} };

/** Four pictures a second cost 8 % of a core, ten cost 20 %. */
const REDRAW_MS = 250;

function screenReporter(
  { host, output }: CommandContext,
  { run, short, store, now }: ReporterRequest,
): Reporter {
  const screen = liveScreen(host.stderr);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let shown = '';
  return {
    see() {},
    tick(view, standing, footer) {
      const at = now();
      // A question is shown at once, and the last picture is the end.
      const isUrgent = footer !== shown || standing.row.endedAt !== undefined;
      if (Math.abs(at - drawnAt) < REDRAW_MS && !isUrgent) return;
      drawnAt = at;
      shown = footer;
      const { columns, rows } = host.stderr.size() ?? { columns: 80, rows: 24 };
      const { state, silence } = standing;
      const live = store.live(standing.row.run);
      const style = output.talkStyle;
      screen.draw(
        drawLive(view, {
          run,
          short,
          state,
          silence,
          live,
          now: at,
          columns,
          rows,
          style,
          footer,
        }).map(style.safe),
      );
    },
    [Symbol.dispose]() {
      screen.clear();
      screen[Symbol.dispose]();
    },
  };
}

const SUMMARY_MS = 30_000;

function lineReporter({ output }: CommandContext, { run, short, now }: ReporterRequest): Reporter {
  let summedAt = now();
  return {
    see(event, view) {
      const { level, path, attempt, text } = eventLine(event, view, short);
      if (level === 'debug') return;
      const address = addressText(run, path, attempt);
      const line = `${clockText(event.at)} ${address} ${text}`;
      output.talk(lineText([{ text: line }], output.talkStyle, undefined));
    },
    tick(view) {
      if (Math.abs(now() - summedAt) < SUMMARY_MS) return;
      summedAt = now();
      output.talk(`${clockText(summedAt)} ${run} ${summaryText(view, summedAt)}`);
    },
    [Symbol.dispose]() {},
  };
}

/** `13/17 running=1 longest=fix:1m40s cost=$1.96`. */
export function summaryText(view: RunView, now: number): string {
  const sums = view.rollup('');
  const { plan } = view.state;
  const total = plan === undefined ? { count: 0, atMost: false } : view.total(plan.root, '');
  const [longest] = view.running();
  const leaf =
    longest === undefined ? '' : ` longest=${longest.path}:${durationText(workedMs(longest, now))}`;
  const cost = costText(sums.costMicroUsd, sums.costStatus);
  const count = `${sums.done}/${total.atMost ? '≤' : ''}${total.count}`;
  return `${count} running=${sums.running}${leaf} cost=${cost}`;
}
