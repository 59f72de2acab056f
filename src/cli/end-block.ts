/** What is said when a run has come to rest: verdict, winner, cost, what was saved, what to type next. */
import type { Json } from '../base/json.ts';
import type { RunView } from '../trace/run-view.ts';
import type { Approval } from '../workbench/approvals.ts';
import { addressWord } from './address.ts';
import { editWords, firstFailedLeaf, providerWords, retryWords } from './after-failure.ts';
import { costText, leavesText, tokensText } from './amounts.ts';
import { raiseText } from './ceilings.ts';
import { timesText } from './run-times.ts';
import { sandboxOf, UNCONFINED } from './sandbox-words.ts';
import { lineText, markSegment, type Segment } from './segments.ts';
import { markOfState, type Standing, silenceText, wordOfState } from './standing.ts';
import type { Style } from './style.ts';
import { winnerOf } from './tree-rows.ts';
import { typed } from './typed.ts';

export interface EndRequest {
  readonly standing: Standing;
  readonly now: number;
  /** What it waits for a person for. */
  readonly questions: readonly Pick<Approval, 'path' | 'message'>[];
  /** Rows between the verdict and what to type next. */
  readonly tree: readonly string[];
  /** As short as it is unique. */
  readonly run: string;
  /** What the workflow gives; null where there is nothing. */
  readonly output: Json;
  readonly style: Style;
  readonly width: number | undefined;
  /** Names of the commands that there are: nothing else is recommended. */
  readonly known: ReadonlySet<string>;
  /** The run is being looked into: that is not recommended again. */
  readonly isInside?: boolean;
  /** The output is shown as it is, however long. */
  readonly isFull?: boolean;
}

const MAX_QUESTIONS = 5;

/** What waits for a person, with the address that answers it. */
function questionLines({ questions, run }: EndRequest): readonly string[] {
  const shown = questions.slice(0, MAX_QUESTIONS);
  const more = questions.length - shown.length;
  return [
    ...shown.map(({ path, message }) => `  asks  ${addressWord(run, path)}  ${message}`),
    ...(more > 0 ? [`  … ${more} more: ${typed('approvals')}`] : []),
  ];
}

const MAX_OUTPUT_CHARACTERS = 400;

export function endBlock(view: RunView, request: EndRequest): readonly string[] {
  const { style, width } = request;
  const { silence } = request.standing;
  const line = (segments: readonly Segment[]): string => lineText(segments, style, width);
  return [
    line(verdict(view, request)),
    line([{ text: `  ${usedText(view)}` }]),
    ...sandboxLines(view).map(line),
    ...(silence === undefined
      ? []
      : [line([{ text: `  ${silenceText(silence, request.run)}`, paint: 'yellow' }])]),
    ...questionLines(request).map((text) => line([{ text }])),
    ...(request.tree.length === 0 ? [] : ['', ...request.tree, '']),
    ...outputLines(request),
    ...nextLines(view, request).map(([what, words]) =>
      line([{ text: `  ${what.padEnd(15)}`, paint: 'dim' }, { text: typed(words) }]),
    ),
  ];
}

/** `sandbox: strict`; a warning where there is none. */
function sandboxLines(view: RunView): readonly (readonly Segment[])[] {
  if (view.state.started?.config.wiring.startsWith('mock') === true) {
    return [[{ text: '  mock: no model, command or file was real', paint: 'dim' }]];
  }
  const level = sandboxOf(view);
  if (level === undefined || level === 'in-process') return [];
  if (level === 'strict') return [[{ text: '  sandbox: strict', paint: 'dim' }]];
  return [[{ text: `  ${UNCONFINED}`, paint: 'yellow' }]];
}

function verdict(view: RunView, { standing, style, now }: EndRequest): readonly Segment[] {
  const { state, row } = standing;
  const { finished, at } = view.state;
  const mark = markSegment(markOfState[state], style);
  const time = timesText(view.state, finished?.at ?? at);
  const winner = winnerIn(view);
  const why = row.because === undefined ? '' : `: ${row.because}`;
  const said: Readonly<Partial<Record<typeof state, string>>> = {
    succeeded: `done in ${time}`,
    degraded: `done in ${time}, degraded: some leaves failed, the result is usable`,
    failed: `failed after ${time}${why}`,
    cancelled: `cancelled after ${time}`,
    stopped: `stopped after ${time}${why}; work is kept`,
    lost: `lost after ${time}: ${standing.whyLost ?? 'its driver died'}; ${leavesText(row.done)} kept`,
    waiting: 'waits for a person',
    running: `running for ${timesText(view.state, now)}`,
  };
  return [
    mark,
    { text: ` ${said[state] ?? wordOfState[state]}`, paint: 'bold' },
    { text: `   ${row.workflow} ${row.run}` },
    { text: winner === undefined ? '' : `   winner ${winner}`, paint: 'green' },
  ];
}

/** The winner of the last tournament at the top. */
function winnerIn(view: RunView): string | undefined {
  const phases = view.state.plan?.root.children ?? [];
  for (const phase of phases.toReversed()) {
    const entry = view.state.nodes.get(phase.segment);
    const isTournament = phase.node.kind === 'tournament';
    if (!isTournament || entry === undefined || entry.alive) continue;
    if (entry.output?.type === 'value') return winnerOf(entry.output.value);
  }
  return undefined;
}

function usedText(view: RunView): string {
  const sums = view.rollup('');
  const kinds = [
    [sums.failed, 'failed'],
    [sums.pruned, 'pruned'],
    [sums.skipped, 'skipped'],
  ] as const;
  const others = kinds.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const saved = [
    ...(sums.reused === 0 ? [] : [`${leavesText(sums.reused)} reused`]),
    ...(sums.memoHits === 0 ? [] : [`${sums.memoHits} calls from memo`]),
  ];
  return [
    `${leavesText(sums.done)}${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
    costText(sums.costMicroUsd, sums.costStatus),
    tokensText(sums.tokens),
    ...(saved.length === 0 ? [] : [`saved: ${saved.join(', ')}`]),
  ].join('   ');
}

function outputLines(request: EndRequest): readonly string[] {
  const { output, style, width, isFull = false } = request;
  const text = outputText(output);
  if (text === '') return [];
  const label: Segment = { text: '  output  ', paint: 'dim' };
  if (!isFull || !isCut(request)) {
    const shown = isFull ? text : beginning(text);
    return [lineText([label, { text: shown }], style, width)];
  }
  const whole = typeof output === 'string' ? output.trim() : JSON.stringify(output, undefined, 2);
  const lines = whole.split('\n').map((line) => style.text(`    ${line}`));
  return [lineText([{ text: '  output', paint: 'dim' }], style, width), ...lines];
}

const OUTPUT_LABEL_COLUMNS = 10;

/** A line has no room for all that the run gives. */
function isCut({ output, width }: EndRequest): boolean {
  const room = Math.min(MAX_OUTPUT_CHARACTERS, (width ?? Infinity) - OUTPUT_LABEL_COLUMNS);
  return outputText(output).length > room;
}

function outputText(output: Json): string {
  if (output === null) return '';
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return text.trim().replace(/\s+/g, ' ');
}

const beginning = (text: string): string =>
  text.length > MAX_OUTPUT_CHARACTERS ? `${text.slice(0, MAX_OUTPUT_CHARACTERS)}…` : text;

type Next = readonly [what: string, words: string];

/** The run has changed files: its tree has left its base. */
function hasPatch({ state }: RunView): boolean {
  const at = state.trees.get('')?.at;
  return at !== undefined && at !== state.started?.base?.commit;
}

/** Three at most, only of commands that exist. */
function nextLines(view: RunView, request: EndRequest): readonly Next[] {
  const { standing, run, known, isInside = false } = request;
  const { state, row } = standing;
  const failed = firstFailedLeaf(view);
  const retry = retryWords(failed, run);
  const provider = providerWords(failed);
  const edit = editWords(row, view, run);
  const edited: readonly Next[] = edit === undefined ? [] : [edit];
  const again: readonly Next[] = [
    ...(failed === undefined
      ? []
      : ([['look at it', `show ${addressWord(run, failed.path)}`]] as const)),
    ...(provider === undefined ? [] : ([['try the model', provider]] as const)),
    ...(retry === undefined ? [] : ([['run it again', retry]] as const)),
    ['look inside', `show ${run}`],
    ...edited,
  ];
  const all: readonly Next[] =
    state === 'running' || state === 'pausing'
      ? [
          ['watch it', `watch ${run}`],
          ['what happens', `logs ${run} -f`],
          ['end it', `cancel ${run}`],
        ]
      : state === 'succeeded' || state === 'degraded'
        ? [
            isCut(request) && request.isFull !== true
              ? ['read it all', `show ${run} --full`]
              : ['look inside', `show ${run}`],
            ...(hasPatch(view)
              ? ([
                  ['see the patch', `diff ${run}`],
                  ['take it over', `apply ${run}`],
                ] as const)
              : []),
            ['prove it', `replay ${run}`],
            ...edited,
          ]
        : state === 'failed'
          ? again
          : state === 'cancelled'
            ? [
                ['look inside', `show ${run}`],
                ['start over', `fork ${run}`],
              ]
            : state === 'waiting'
              ? [...view.state.waiting].slice(0, 1).flatMap((path): readonly Next[] => [
                  ['say yes', `approve ${addressWord(run, path)}`],
                  ['say no', `deny ${addressWord(run, path)}`],
                  ['end it', `cancel ${run}`],
                ])
              : [
                  ...(isOfCredentials(row.because)
                    ? ([['try the key', 'providers test']] as const)
                    : []),
                  ['go on', `resume ${run}${raiseText(row.because)}`],
                  ['look inside', `show ${run}`],
                  ['end it', `cancel ${run}`],
                ];
  return all
    .filter(([, words]) => known.has(words.split(' ')[0] ?? ''))
    .filter(([, words]) => !(isInside && words === `show ${run}`))
    .slice(0, 3);
}

const isOfCredentials = (because: string | undefined): boolean =>
  because?.startsWith('credentials') === true;
