/** What `demo` says when its run has come to rest: tree, who won and why, what was claimed, what ran. */
import type { JsonObject } from '../base/json.ts';
import { approvalsOf } from '../workbench/approvals.ts';
import { type DemoFindings, demoFindings } from '../workbench/demo-findings.ts';
import { tokensJson } from './amounts.ts';
import { endBlock } from './end-block.ts';
import type { EndParts } from './print-end.ts';
import { outputOf } from './print-end.ts';
import { lineText, markSegment, treeLines } from './segments.ts';
import { runJson } from './standing.ts';
import type { Style } from './style.ts';
import { treeRows } from './tree-rows.ts';
import { wrapped } from './wrapped.ts';

export interface DemoNext {
  readonly what: string;
  /** Ready to be typed in the folder of the demo, or anywhere. */
  readonly line: string;
}

export interface DemoPageRequest {
  readonly style: Style;
  readonly width: number | undefined;
  readonly findings: DemoFindings;
}

const MAX_CHILDREN = 20;
const MAX_COLUMNS = 100;
const LABEL_COLUMNS = 9;

/** The end of the run itself. */
export function demoLines(
  { workbench, store, view, standing }: EndParts,
  { style, width, findings }: DemoPageRequest,
): readonly string[] {
  const now = workbench.clock.now();
  const look = { now, short: (run: string) => run, isBrief: false, maxChildren: MAX_CHILDREN };
  const tree = treeLines(treeRows(view, look), { style, width });
  const end = endBlock(view, {
    standing,
    questions: approvalsOf(store, standing.row),
    now,
    tree,
    run: standing.row.run,
    // Told below, in words.
    output: null,
    style,
    width,
    known: new Set(),
  });
  return [
    ...end.slice(0, end.findLastIndex((line) => line !== '') + 1),
    '',
    ...findingLines(findings, { style, width }),
  ];
}

function findingLines(
  { candidates, kept, summary, winner, why }: DemoFindings,
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const room = Math.min(width ?? MAX_COLUMNS, MAX_COLUMNS) - LABEL_COLUMNS - 2;
  const said = (label: string, text: string): readonly string[] =>
    wrapped(text, room).map((line, at) =>
      lineText(
        [
          { text: `  ${(at === 0 ? label : '').padEnd(LABEL_COLUMNS)}`, paint: 'dim' },
          { text: line },
        ],
        style,
        width,
      ),
    );
  const bug = summary?.['bug'];
  return [
    ...(typeof bug === 'string' ? said('bug', bug) : []),
    ...candidates.flatMap((candidate) => {
      const { name, approach, passed, claim, ran, failure } = candidate;
      const mark = markSegment(passed === true ? 'done' : 'failed', style);
      const won = name === winner ? '   winner' : '';
      const head = lineText(
        [
          { text: `  fix ${name}`.padEnd(LABEL_COLUMNS + 2), paint: 'dim' },
          mark,
          { text: ` ${approach}` },
          { text: won, paint: 'green' },
        ],
        style,
        width,
      );
      const runs = ran.map(({ command, exitCode }) => `${command} → ${exitCode ?? 'ended'}`);
      return [
        head,
        ...said('', `tests: ${testsText(candidate)}`),
        ...(claim === undefined ? [] : said('', `it says: “${claim}”`)),
        ...(runs.length === 0 ? [] : said('', `it ran: ${runs.join(', ')}`)),
        ...(failure === undefined ? [] : said('', `it failed: ${failure}`)),
      ];
    }),
    ...(winner === undefined ? [] : said('why', why)),
    ...kept.flatMap(({ title }) => said('kept', title)),
  ];
}

function testsText({ passed, tests }: DemoFindings['candidates'][number]): string {
  if (passed === undefined) return 'were not run';
  const word = passed ? 'pass' : 'fail';
  if (tests === undefined) return `they ${word}, by their exit status`;
  return `${tests.passed} of ${tests.passed + tests.failed} pass`;
}

export interface DemoPlace {
  readonly folder: string;
  readonly next: readonly DemoNext[];
}

export function demoJson(
  { workbench, store, view, standing }: EndParts,
  { folder, next }: DemoPlace,
): JsonObject {
  const output = outputOf(store, view);
  const { winner, candidates, kept } = demoFindings(view, store, output);
  return {
    schema: 'whaleflow.demo/1',
    ...runJson(standing, workbench.clock.now()),
    tokens: tokensJson(view.rollup('').tokens),
    output,
    folder,
    winner: winner ?? null,
    candidates: candidates.map(({ name, approach, passed, tests, claim, ran }) => ({
      name,
      approach,
      passed: passed ?? null,
      tests: tests === undefined ? null : { ...tests },
      claim: claim ?? null,
      ran: ran.map((one) => ({ ...one })),
    })),
    kept: kept.map((one) => ({ ...one })),
    next: next.map(({ line }) => line),
  };
}
