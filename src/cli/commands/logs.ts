/** `whaleflow logs RUN[/LEAF]`: the trace, a line an event. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { isAbout, RunView } from '../../trace/run-view.ts';
import { follow } from '../../workbench/follow.ts';
import { addressText } from '../address.ts';
import { clockText, timeJson } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import { parseMoment } from '../duration.ts';
import { eventLine, type LogLevel, logLevels } from '../event-line.ts';
import type { CommandInput } from '../input.ts';
import { nodeAt, noNode } from '../node-at.ts';
import { safeJson } from '../output.ts';
import { pickOf } from '../pick-fields.ts';
import { addressed, existingStore, shortIds } from '../runs.ts';
import { lineText } from '../segments.ts';
import { isAtRest, standingOf } from '../standing.ts';
import type { Paint } from '../style.ts';

interface Filter {
  readonly path: string | undefined;
  readonly attempt: number | undefined;
  readonly since: number;
  readonly until: number;
  readonly level: LogLevel;
}

const IDLE_MS = 250;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const { row, path, attempt } = addressed(workbench, input.words[0]);
  const store = existingStore(workbench) ?? workbench.store('read');
  const { clock, timers } = workbench;
  const filter: Filter = {
    path,
    attempt,
    since: moment(input, 'since', clock.now()) ?? Number.NEGATIVE_INFINITY,
    until: moment(input, 'until', clock.now()) ?? Number.POSITIVE_INFINITY,
    level: readLevel(context, input),
  };
  const tail = input.integer('tail', 0);
  const printer = linePrinter(context, filter, shortIds(store.runs()), row.run);
  const view = new RunView();
  const stop = new AbortController();
  using _int = context.host.onSignal('SIGINT', () => stop.abort());
  using _term = context.host.onSignal('SIGTERM', () => stop.abort());
  const isFollowing = input.has('follow');
  let held: string[] | undefined = [];
  let isSilent = true;
  const request = { run: row.run, after: 0, timers, idleMs: IDLE_MS };
  for await (const events of follow(store, request, stop.signal)) {
    for (const event of events) {
      view.see(event);
      const line = printer(event, view);
      if (line === undefined) continue;
      isSilent = false;
      if (held === undefined) print(context, line);
      else if (tail === undefined) print(context, line);
      else {
        held.push(line);
        if (held.length > tail) held.shift();
      }
    }
    const now = store.run(row.run) ?? row;
    if (view.state.seq < now.seq) continue;
    for (const line of held ?? []) print(context, line);
    held = undefined;
    if (!isFollowing || isAtRest(standingOf(workbench, store, now))) break;
  }
  if (stop.signal.aborted) return 130;
  if (isSilent && path !== undefined && path !== '' && nodeAt(view, path) === undefined) {
    throw noNode(view, shortIds(store.runs())(row.run), path);
  }
  return 0;
}

const print = ({ output }: CommandContext, line: string): void => output.data(line);

function moment(input: CommandInput, name: string, now: number): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const at = parseMoment(text, now);
  if (at !== undefined) return at;
  throw new WhaleFlowError('WF2002', `--${name} takes 90s, 10m, 2h, 7d or a time, not \`${text}\``);
}

/** JSON holds everything unless a level is named. */
function readLevel({ output, flags }: CommandContext, input: CommandInput): LogLevel {
  const text = input.text('level');
  if (text === undefined) return output.isJson || flags.verbosity > 0 ? 'debug' : 'info';
  const level = logLevels.find((known) => known === text);
  if (level !== undefined) return level;
  throw new WhaleFlowError('WF2002', `--level takes ${logLevels.join(', ')}, not \`${text}\``);
}

type LinePrinter = (event: TraceEvent, view: RunView) => string | undefined;

function linePrinter(
  { output, flags }: CommandContext,
  { path, attempt, since, until, level }: Filter,
  short: (run: string) => string,
  run: string,
): LinePrinter {
  const least = logLevels.indexOf(level);
  return (event, view) => {
    if (event.at < since || event.at > until) return undefined;
    if (path !== undefined && !isAbout(event, path)) return undefined;
    const said = eventLine(event, view, short);
    if (attempt !== undefined && said.attempt !== attempt) return undefined;
    if (logLevels.indexOf(said.level) > least) return undefined;
    if (output.isJson) return safeJson(pickOf(eventJson(event, run, said.level), flags.fields), 0);
    const { style, columns } = output;
    const paint = paintOf(said.level);
    return lineText(
      [
        { text: `${clockText(event.at)} `, paint: 'dim' },
        { text: addressText(short(run), said.path, said.attempt) },
        { text: ` ${said.text}`, ...(paint === undefined ? {} : { paint }) },
      ],
      style,
      columns,
    );
  };
}

function eventJson(event: TraceEvent, run: string, level: LogLevel): JsonObject {
  const { seq, at, type, ...body } = event;
  const fields = body as unknown as { readonly [key: string]: Json };
  return { schema: 'whaleflow.event/1', run, seq, at: timeJson(at), level, type, ...fields };
}

const paintOf = (level: LogLevel): Paint | undefined =>
  level === 'error' ? 'red' : level === 'warn' ? 'yellow' : level === 'debug' ? 'dim' : undefined;
