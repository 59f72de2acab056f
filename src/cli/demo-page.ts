/** What `demo` says when its run has come to rest: tree, who won and why, what was claimed, what ran. */
import type { JsonObject } from '../base/json.ts';
import type { DoorCounts } from '../system/door-counts.ts';
import { approvalsOf } from '../workbench/approvals.ts';
import type { DemoFindings } from '../workbench/demo-findings.ts';
import { demoMishaps, type Mishap } from '../workbench/demo-mishaps.ts';
import { tokensJson } from './amounts.ts';
import type { CommandContext } from './context.ts';
import type { DemoNext, DemoPlace } from './demo-place.ts';
import { endBlock } from './end-block.ts';
import type { EndParts } from './print-end.ts';
import { outputOf } from './print-end.ts';
import { lineText, markSegment, treeLines } from './segments.ts';
import { runJson } from './standing.ts';
import type { Style } from './style.ts';
import { treeRows } from './tree-rows.ts';
import { wrapped } from './wrapped.ts';

/** Says how a demo ended. `counted`: where it was answered from the record alone. */
export type DemoEnd = (
  context: CommandContext,
  parts: EndParts,
  place: DemoPlace,
  counted?: FromRecord,
) => void;

export interface FromRecord extends DoorCounts {
  readonly reused: number;
  /** Processes before it began, which tried whether the sandbox works here; mostly that is known. */
  readonly tries: number;
}

export interface DemoPageRequest {
  readonly style: Style;
  readonly width: number | undefined;
  readonly findings: DemoFindings;
  readonly counted?: FromRecord | undefined;
}

const MAX_CHILDREN = 20;
const MAX_COLUMNS = 100;
const LABEL_COLUMNS = 9;

/** The end of the run itself. */
export function demoLines(
  { workbench, store, view, standing }: EndParts,
  { style, width, findings, counted }: DemoPageRequest,
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
    ...mishapLines(demoMishaps(store, standing.row.run), { style, width }),
    ...(counted === undefined ? [] : ['', ...countedLines(counted, { style, width })]),
  ];
}

/** What a run from the record alone took. */
export function countedText({ reused, providerCalls, processes, tries }: FromRecord): string {
  const tried = tries === 0 ? '' : ` (before it, ${tries} tried whether the sandbox still works)`;
  return `${reused} leaves from the record, ${providerCalls} model calls, ${processes} processes${tried}`;
}

const countedLines = (counted: FromRecord, { style, width }: Look): readonly string[] => {
  const room = Math.min(width ?? MAX_COLUMNS, MAX_COLUMNS) - 2;
  return wrapped(countedText(counted), room).map((line) => style.text(`  ${line}`));
};

interface Look {
  readonly style: Style;
  readonly width: number | undefined;
}

/** What went wrong, and how it went on; a branch that only lost is no mishap. */
function mishapLines(mishaps: readonly Mishap[], look: Look): readonly string[] {
  const worth = mishaps.filter(({ what }) => what !== 'branch');
  if (worth.length === 0) return [];
  const lines = mishaps.flatMap(({ what, path, message, outcome }) => {
    const where = path === '' ? '' : `${path}: `;
    return labelled(what, `${where}${message} → ${outcome}`, look);
  });
  return ['', '  What went wrong, and how it went on:', ...lines];
}

function findingLines(
  { candidates, kept, summary, winner, why }: DemoFindings,
  { style, width }: Look,
): readonly string[] {
  const said = (label: string, text: string): readonly string[] =>
    labelled(label, text, { style, width });
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

/** A label beside a text that may take several lines. */
function labelled(label: string, text: string, { style, width }: Look): readonly string[] {
  const room = Math.min(width ?? MAX_COLUMNS, MAX_COLUMNS) - LABEL_COLUMNS - 2;
  return wrapped(text, room).map((line, at) => {
    const head = `  ${(at === 0 ? label : '').padEnd(LABEL_COLUMNS)}`;
    return lineText([{ text: head, paint: 'dim' }, { text: line }], style, width);
  });
}

function testsText({ passed, tests }: DemoFindings['candidates'][number]): string {
  if (passed === undefined) return 'were not run';
  const word = passed ? 'pass' : 'fail';
  if (tests === undefined) return `they ${word}, by their exit status`;
  return `${tests.passed} of ${tests.passed + tests.failed} pass`;
}

export interface NextLook {
  readonly style: Style;
  /** The folder, as it is typed. */
  readonly near: string;
}

/** What to type now. Never cut: a command that lost its end is worse than a wrapped line. */
export function nextLines(next: readonly DemoNext[], { style, near }: NextLook): readonly string[] {
  if (next.length === 0) return [];
  const widest = Math.max(...next.map(({ line }) => line.length));
  return [
    '',
    '  The run changed no file, not even in the demo’s repository. Go on in it:',
    '',
    `    cd ${near}`,
    ...next.map(({ what, line }) => `    ${line.padEnd(widest)}   ${style.paint('dim', what)}`),
  ].map((line) => style.text(line));
}

export interface DemoJsonParts {
  readonly findings: DemoFindings;
  readonly folder: string;
  readonly next: readonly DemoNext[];
  readonly counted?: FromRecord | undefined;
}

export function demoJson(
  { workbench, store, view, standing }: EndParts,
  { findings, folder, next, counted }: DemoJsonParts,
): JsonObject {
  const { winner, candidates, kept } = findings;
  const mishaps = demoMishaps(store, standing.row.run);
  return {
    schema: 'whaleflow.demo/1',
    ...runJson(standing, workbench.clock.now()),
    tokens: tokensJson(view.rollup('').tokens),
    output: outputOf(store, view),
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
    mishaps: mishaps.map((one) => ({ ...one })),
    from_record:
      counted === undefined
        ? null
        : {
            leaves: counted.reused,
            provider_calls: counted.providerCalls,
            processes: counted.processes,
            sandbox_tries: counted.tries,
          },
    next: next.map(({ line }) => line),
  };
}
