/** The last words about a run: for people a block, for programs one object. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import type { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { approvalsOf } from '../workbench/approvals.ts';
import { runOutput } from '../workbench/run-workflow.ts';
import { unusedRules } from '../workbench/unused-rules.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { tokensJson } from './amounts.ts';
import type { CommandContext } from './context.ts';
import { endBlock } from './end-block.ts';
import { timesJson } from './run-times.ts';
import { shortIds } from './runs.ts';
import { lineText, treeLines } from './segments.ts';
import { runJson, type Standing } from './standing.ts';
import type { Style } from './style.ts';
import { treeRows } from './tree-rows.ts';

export interface EndParts {
  readonly workbench: Workbench;
  readonly store: TraceStore;
  readonly view: RunView;
  readonly standing: Standing;
}

export async function printEnd(context: CommandContext, parts: EndParts): Promise<void> {
  const { workbench, store, view, standing } = parts;
  const { output } = context;
  const value = outputOf(store, view);
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.run/1',
      ...runJson(standing, workbench.clock.now()),
      ...timesJson(view.state, workbench.clock.now()),
      tokens: tokensJson(view.rollup('').tokens),
      output: value,
    });
    return;
  }
  if (standing.state === 'lost') tellDriverLog(context, parts);
  if (view.state.finished !== undefined) await warnOfRules(context, parts);
  const { style, columns: width } = output;
  const now = workbench.clock.now();
  const short = shortIds(store.runs());
  const lines = endBlock(view, {
    standing,
    questions: approvalsOf(store, standing.row),
    now,
    tree: context.host.stderr.isTerminal ? phaseLines(view, { now, short, style, width }) : [],
    run: short(standing.row.run),
    output: value,
    style,
    width,
    known: context.known,
  });
  for (const line of lines) output.data(line);
}

const MAX_RULES = 10;

/** A rule that matched nothing is most likely a slip of the pen. */
async function warnOfRules({ output }: CommandContext, { store, view }: EndParts): Promise<void> {
  const rules = await unusedRules(store, view);
  if (rules.length === 0) return;
  const names = rules.slice(0, MAX_RULES).map(({ path, iteration, attempt }) => {
    const instance = iteration === undefined ? '' : ` in iteration ${iteration}`;
    return `${path}${attempt === undefined ? '' : `#${attempt}`}${instance}`;
  });
  const more = rules.length > MAX_RULES ? ` and ${rules.length - MAX_RULES} more` : '';
  const what = rules.length === 1 ? 'a rule' : `${rules.length} rules`;
  const text = `${what} of the fixture matched no leaf: ${names.join(', ')}${more}`;
  output.talk(`${output.talkStyle.paint('yellow', 'warning')}: ${printable(text)}`);
}

/** What the run gives, once it has finished; null before. */
export function outputOf(store: TraceStore, view: RunView): Json {
  const outcome = view.state.finished?.outcome.status;
  if (outcome !== 'succeeded' && outcome !== 'degraded') return null;
  return runOutput(store, view.state);
}

/** What the live view showed last stays behind. */
function phaseLines(
  view: RunView,
  {
    now,
    short,
    style,
    width,
  }: {
    readonly now: number;
    readonly short: (run: string) => string;
    readonly style: Style;
    readonly width: number | undefined;
  },
): readonly string[] {
  const rows = treeRows(view, { now, short, isBrief: true, maxChildren: MAX_CHILDREN });
  return treeLines(rows, { style, width });
}

const MAX_CHILDREN = 12;
const LOG_LINES = 5;

/** The last words of a driver that died. */
function tellDriverLog({ output }: CommandContext, { workbench, standing }: EndParts): void {
  const path = join(workbench.places.stateFolder, 'logs', `${standing.row.run}.log`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const last = text.trimEnd().split('\n').slice(-LOG_LINES);
  for (const line of last) {
    if (line !== '') output.talk(lineText([{ text: `driver: ${line}` }], output.talkStyle, 200));
  }
}
