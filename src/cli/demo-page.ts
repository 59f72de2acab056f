/** What `demo` says when its run has ended: tree, cost, winner and why, what to type next. */

import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { settledAt } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';
import { totalTokens } from '../trace/usage.ts';
import { approvalsOf } from '../workbench/approvals.ts';
import { costText, countText } from './amounts.ts';
import { durationText } from './duration.ts';
import { endBlock } from './end-block.ts';
import type { EndParts } from './print-end.ts';
import { outputOf } from './print-end.ts';
import { lineText, treeLines } from './segments.ts';
import { runJson } from './standing.ts';
import type { Style } from './style.ts';
import { tableText } from './table-text.ts';
import { treeRows } from './tree-rows.ts';

export interface DemoPageRequest {
  readonly style: Style;
  readonly width: number | undefined;
  /** What to type next, and what it does; ready to be copied. */
  readonly next: readonly DemoNext[];
}

export interface DemoNext {
  readonly what: string;
  readonly line: string;
}

const MAX_CHILDREN = 20;

export function demoLines(
  { workbench, store, view, standing }: EndParts,
  { style, width, next }: DemoPageRequest,
): readonly string[] {
  const now = workbench.clock.now();
  const rows = treeRows(view, {
    now,
    short: (run) => run,
    isBrief: false,
    maxChildren: MAX_CHILDREN,
  });
  return [
    ...endBlock(view, {
      standing,
      questions: approvalsOf(store, standing.row),
      now,
      tree: treeLines(rows, { style, width }),
      run: standing.row.run,
      output: outputOf(store, view),
      style,
      width,
      // Its own recommendations come below, with the demo’s folder.
      known: new Set(),
    }),
    '',
    ...costLines(view, { style, width }),
    '',
    ...verdictOf(view).lines.map(([label, text]) =>
      lineText([{ text: `  ${label.padEnd(9)}`, paint: 'dim' }, { text }], style, width),
    ),
    '',
    // Never cut: a command that lost its end is worse than a wrapped line.
    ...next.map(({ what, line }) => `  ${style.paint('dim', what.padEnd(17))} ${line}`),
  ];
}

function costLines(
  view: RunView,
  { style, width }: Pick<DemoPageRequest, 'style' | 'width'>,
): readonly string[] {
  const phases = (view.state.plan?.root.children ?? []).map(({ segment }) => segment);
  const row = (name: string, path: string): readonly { readonly text: string }[] => {
    const sums = view.rollup(path);
    return [
      name,
      String(sums.done),
      String(sums.modelCalls),
      countText(totalTokens(sums.tokens)),
      costText(sums.costMicroUsd, sums.costStatus),
      durationText(timeOf(view, path)),
    ].map((text) => ({ text }));
  };
  const columns = [
    { title: '  PHASE' },
    ...['LEAVES', 'CALLS', 'TOKENS', 'COST', 'LEAF TIME'].map(
      (title) => ({ title, side: 'right' }) as const,
    ),
  ];
  const rows = [...phases.map((phase) => row(`  ${phase}`, phase)), row('  together', '')];
  return tableText(columns, rows, { style, width, isPlain: false });
}

/** How long the leaves below a path were at work, together. */
function timeOf(view: RunView, path: string): number {
  let total = 0;
  for (const [leaf, attempts] of view.allAttempts()) {
    const isBelow = path === '' || `${leaf}/`.startsWith(`${path}/`) || leaf.startsWith(`${path}[`);
    if (!isBelow) continue;
    for (const { startedAt, finishedAt } of attempts) {
      if (startedAt !== undefined && finishedAt !== undefined) total += finishedAt - startedAt;
    }
  }
  return total;
}

interface Verdict {
  readonly winner: string | undefined;
  readonly lines: readonly (readonly [label: string, text: string])[];
  readonly candidates: readonly JsonObject[];
}

/** The winner, and how the tests of each candidate ended: exit statuses decide, not words. */
function verdictOf(view: RunView): Verdict {
  const tournament = settledAt(view.state, 'best');
  const { output } = tournament ?? {};
  const value = output?.type === 'value' ? output.value : null;
  const { winner, ranking, why } = isJsonObject(value) ? value : {};
  const names = Array.isArray(ranking) ? ranking.flatMap(candidateOf) : ['a', 'b'];
  const candidates = names.map((name) => testsOf(view, name));
  const told = candidates.map(
    ({ name, approach, said }) => [`fix ${name}`, `${approach}: ${said}`] as const,
  );
  const best = candidates.find(({ name }) => name === winner);
  const decided =
    best === undefined
      ? 'none'
      : `${best.name}, ${typeof why === 'string' ? why : ''}${best.passed ? '' : '; its tests fail'}`;
  return {
    winner: typeof winner === 'string' ? winner : undefined,
    lines: [['winner', decided], ...told],
    candidates: candidates.map(({ name, approach, passed, iterations }) => ({
      name,
      approach,
      passed,
      iterations,
    })),
  };
}

const candidateOf = (place: Json): readonly string[] =>
  isJsonObject(place) && typeof place['candidate'] === 'string' ? [place['candidate']] : [];

interface Tests {
  readonly name: string;
  readonly approach: string;
  readonly passed: boolean;
  readonly iterations: number;
  readonly said: string;
}

function testsOf(view: RunView, name: string): Tests {
  const approach = String(view.state.started?.params[name] ?? name);
  const iterations = settledAt(view.state, `fixes/${name}`)?.iterations ?? 0;
  const last = view.attempt(`fixes/${name}[${iterations}]/${name}-tests`);
  const passed = last?.status === 'succeeded';
  const after = iterations === 1 ? 'at the first try' : `after ${iterations} tries`;
  const how = last === undefined ? 'was not tested' : passed ? 'tests pass' : 'tests fail';
  const exit =
    last === undefined ? '' : ` (${last.failure?.message ?? 'exit status 0: node --test'})`;
  return { name, approach, passed, iterations, said: `${how} ${after}${exit}` };
}

export function demoJson(
  { workbench, store, view, standing }: EndParts,
  folder: string,
  next: readonly DemoNext[],
): JsonObject {
  const { winner, candidates } = verdictOf(view);
  return {
    schema: 'whaleflow.demo/1',
    ...runJson(standing, workbench.clock.now()),
    output: outputOf(store, view),
    folder,
    winner: winner ?? null,
    candidates,
    next: next.map(({ line }) => line),
  };
}
