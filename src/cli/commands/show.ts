/** `whaleflow show RUN[/LEAF]`: one run as a tree, or one node with everything about it. */
import type { ExitStatus } from '../../base/error-codes.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { eventsAfter, viewRun } from '../../trace/read-run.ts';
import type { RunView } from '../../trace/run-view.ts';
import type { TraceStore } from '../../trace/trace-store.ts';
import { approvalsOf } from '../../workbench/approvals.ts';
import { timeJson, tokensJson } from '../amounts.ts';
import { approvalJson } from '../approval-table.ts';
import type { CommandContext } from '../context.ts';
import { endBlock } from '../end-block.ts';
import { fruitJson, fruitLines } from '../fruit-list.ts';
import type { CommandInput } from '../input.ts';
import { leafJson, leafLines } from '../leaf-page.ts';
import { nodeAt, noNode, stateWord } from '../node-at.ts';
import { outputOf } from '../print-end.ts';
import { timesJson } from '../run-times.ts';
import { addressed, existingStore, shortIds } from '../runs.ts';
import { sandboxOf } from '../sandbox-words.ts';
import { treeLines } from '../segments.ts';
import { isAtRest, runJson, type Standing, standingOf } from '../standing.ts';
import { treeRows } from '../tree-rows.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const { row, path = '', attempt } = addressed(workbench, input.words[0]);
  const store = existingStore(workbench) ?? workbench.store('read');
  const view = viewRun(store, row.run);
  const standing = standingOf(workbench, store, store.run(row.run) ?? row);
  const now = workbench.clock.now();
  const shortOf = shortIds(store.runs());
  const parts = { context, store, view, standing, now, short: shortOf(row.run), shortOf };
  if (path === '' && !input.has('fruit')) {
    showRun(parts, input);
    return 0;
  }
  const plan = nodeAt(view, path);
  if (plan === undefined) throw noNode(view, parts.short, path);
  if (attempt !== undefined && view.attempt(path, attempt) === undefined) {
    throw noNode(view, parts.short, `${path}#${attempt}`);
  }
  if (input.has('fruit')) {
    showFruit(parts, { path, attempt });
    return 0;
  }
  const page = { ...parts, path, attempt, plan, isFull: input.has('full') };
  if (context.output.isJson) context.output.json(leafJson(page));
  else for (const line of leafLines(page)) context.output.data(line);
  return 0;
}

interface Parts {
  readonly context: CommandContext;
  readonly store: TraceStore;
  readonly view: RunView;
  readonly standing: Standing;
  readonly now: number;
  readonly short: string;
  readonly shortOf: (run: string) => string;
}

function showFruit(
  { context, store, view, standing, short }: Parts,
  at: { readonly path: string; readonly attempt: number | undefined },
): void {
  const { output } = context;
  const { run } = standing.row;
  const harvested = new Map<string, string>();
  for (const event of eventsAfter(store, run, 0)) {
    if (event.type !== 'branch.harvested') continue;
    for (const leaf of event.leaves) harvested.set(leaf, event.path);
  }
  const request = { view, harvested, ...at };
  if (output.isJson) output.json(fruitJson({ ...request, run }));
  else for (const line of fruitLines(context, { ...request, run: short })) output.data(line);
}

const MAX_CHILDREN = 50;

function showRun(parts: Parts, input: CommandInput): void {
  const { context, store, view, standing, now, short, shortOf } = parts;
  const { output, flags, known } = context;
  const isLost = standing.state === 'lost';
  const live = new Map(store.live(standing.row.run).map((row) => [row.path, row]));
  const rows = treeRows(view, {
    now: isAtRest(standing) && !isLost ? standing.row.updatedAt : now,
    short: shortOf,
    isLost,
    isResting: isAtRest(standing),
    live,
    isBrief: false,
    maxChildren: input.has('tree') ? Number.POSITIVE_INFINITY : MAX_CHILDREN,
  });
  if (output.isJson) {
    output.json(runPage(store, view, standing, now));
    return;
  }
  const { style, columns } = output;
  if (flags.plain) {
    for (const { path, word, done, tokens, cost, detail } of rows) {
      output.data([`${short}/${path}`, word, done, tokens, cost, detail].join('\t'));
    }
    return;
  }
  const lines = endBlock(view, {
    standing,
    questions: approvalsOf(store, standing.row),
    now,
    tree: treeLines(rows, { style, width: columns }),
    run: short,
    output: outputOf(store, view),
    style,
    width: columns,
    known,
    isInside: true,
    isFull: input.has('full'),
  });
  for (const line of lines) output.data(line);
}

/** The run as JSON: its row, sums, phases and every leaf attempt. */
function runPage(store: TraceStore, view: RunView, standing: Standing, now: number): JsonObject {
  const { state } = view;
  const { started } = state;
  const phases = (state.plan?.root.children ?? []).map((phase): JsonObject => {
    const sums = view.rollup(phase.segment);
    return {
      phase: phase.segment,
      state: stateWord(view, phase.segment),
      done: sums.done,
      total: view.total(phase, phase.segment).count,
      cost_microusd: sums.costMicroUsd,
      cost_status: sums.costStatus,
      tokens: tokensJson(sums.tokens),
    };
  });
  const leaves = view
    .allAttempts()
    .flatMap(([, attempts]) => attempts)
    .map(
      (one): JsonObject => ({
        leaf: `${standing.row.run}/${one.path}#${one.attempt}`,
        state: one.status,
        sandbox: one.sandbox ?? null,
        requested_at: timeJson(one.requestedAt),
        finished_at: one.finishedAt === undefined ? null : timeJson(one.finishedAt),
        model_calls: one.modelCalls,
        cost_microusd: one.costMicroUsd,
        cost_status: one.costStatus,
        tokens: tokensJson(one.tokens),
        failure: one.failure === undefined ? null : { ...one.failure },
        reused_from: one.from === undefined ? null : { ...one.from },
      }),
    );
  return {
    schema: 'whaleflow.run/1',
    ...runJson(standing, now),
    ...timesJson(state, now),
    tokens: tokensJson(view.rollup('').tokens),
    goal: started?.spec.goal ?? '',
    params: started?.params ?? {},
    base: baseJson(started?.base),
    sandbox: sandboxOf(view) ?? null,
    phases,
    waiting_for: approvalsOf(store, standing.row).map(approvalJson),
    leaves,
    output: outputOf(store, view),
  };
}

const baseJson = (base: { readonly commit: string; readonly head: string } | undefined): Json =>
  base === undefined ? null : { commit: base.commit, head: base.head };
