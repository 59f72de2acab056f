/** Everything about one node of a run: what it was asked, what it gave, what it cost, why it failed. */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { printableLines } from '../base/printable.ts';
import { type AttemptView, workedMs } from '../trace/attempt-view.ts';
import type { ContentRef } from '../trace/content.ts';
import type { Route } from '../trace/events.ts';
import type { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { childPath, type NodePath, parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { CommandTask } from '../workflow/task.ts';
import { addressText } from './address.ts';
import { bytesText, clockText, costText, timeJson, tokensJson, tokensText } from './amounts.ts';
import { commandFacts, commandText, writtenTexts } from './command-page.ts';
import type { CommandContext } from './context.ts';
import { durationText } from './duration.ts';
import { continuedText } from './event-line.ts';
import { stateWord, whyNotRun } from './node-at.ts';
import { rankingLines } from './ranking-lines.ts';
import { lineText, treeLines } from './segments.ts';
import { isAtRest, type Standing } from './standing.ts';
import type { Style } from './style.ts';
import { transcriptLines } from './transcript.ts';
import { treeRows } from './tree-rows.ts';
import { readyReason, unbegunReason } from './wait-reason.ts';

export interface LeafPageRequest {
  readonly context: CommandContext;
  readonly store: TraceStore;
  readonly view: RunView;
  readonly standing: Standing;
  readonly now: number;
  readonly short: string;
  /** Of any run. */
  readonly shortOf: (run: string) => string;
  readonly path: NodePath;
  /** The last one where absent. */
  readonly attempt: number | undefined;
  readonly plan: PlanNode;
  /** Whole texts. */
  readonly isFull: boolean;
}

/** Of a prompt or an output, unless all is wanted. */
const MAX_LINES = 40;
const MAX_LINE_CHARACTERS = 2_000;

export function leafLines(request: LeafPageRequest): readonly string[] {
  const { context, view, path, plan, short, shortOf, standing, now } = request;
  const { style, columns } = context.output;
  const entry = view.state.nodes.get(path);
  const attempt = view.attempt(path, request.attempt);
  const head = [
    { text: addressText(short, path, attempt?.attempt), paint: 'bold' as const },
    { text: `   ${kindText(plan)}` },
  ];
  const lines = [lineText(head, style, columns)];
  if (entry === undefined) {
    const why = whyNotRun(view, path);
    const isLost = standing.state === 'lost';
    const visit = { plan, path, before: openBefore(view, plan, path) };
    const waits = `has not begun · ${unbegunReason(view, visit, isLost)}`;
    const said = why === undefined ? waits : `not run: ${why}`;
    return [...lines, lineText([{ text: `  ${said}` }], style, columns)];
  }
  if (plan.node.kind !== 'leaf') {
    const isLost = standing.state === 'lost';
    const isResting = isAtRest(standing);
    const below = {
      now,
      short: shortOf,
      isLost,
      isResting,
      isBrief: false,
      maxChildren: MAX_LINES,
    };
    const rows = treeRows(view, below).filter(
      (row) =>
        row.path === path || row.path.startsWith(`${path}/`) || row.path.startsWith(`${path}[`),
    );
    const output = entry.alive ? undefined : entry.output;
    const value = output?.type === 'value' ? output.value : undefined;
    const said = value === undefined ? [] : section('output', jsonText(value), request);
    const ranking = value === undefined ? [] : rankingLines(value, { style, width: columns });
    const ranked = ranking.length === 0 ? [] : ['', ...ranking];
    return [...lines, ...treeLines(rows, { style, width: columns }), ...ranked, ...said];
  }
  if (attempt === undefined) {
    const isLost = standing.state === 'lost';
    const why = entry.alive ? `waiting · ${readyReason(view, entry, isLost)}` : entry.status;
    return [...lines, lineText([{ text: `  ${why}` }], style, columns)];
  }
  return [...lines, ...factLines(request, attempt), ...contentLines(request, attempt)];
}

const commandTask = ({ node }: PlanNode): CommandTask | undefined =>
  node.kind === 'leaf' && node.task.type === 'command' ? node.task : undefined;

/** The last node before it, in a sequence, that has not ended. */
function openBefore(
  view: RunView,
  { parent, index }: PlanNode,
  path: NodePath,
): string | undefined {
  if (parent?.node.kind !== 'sequence') return undefined;
  const before = parent.children.slice(0, index).map(({ segment }) => segment);
  const isOpen = (segment: string): boolean =>
    view.state.nodes.get(childPath(parentPath(path), segment))?.alive !== false;
  return before.findLast(isOpen);
}

function kindText({ node }: PlanNode): string {
  if (node.kind !== 'leaf') return node.kind;
  const { role } = node.modelPolicy;
  return role === undefined || node.task.type === 'command'
    ? node.task.type
    : `${node.task.type} · ${role}`;
}

function factLines(
  { context, store, view, path, plan, shortOf }: LeafPageRequest,
  attempt: AttemptView,
): readonly string[] {
  const { style, columns } = context.output;
  const { status, requestedAt, startedAt, lastActivityAt, failure, from, continued } = attempt;
  const entry = view.state.nodes.get(path);
  const tries = view.attemptsOf(path).length || 1;
  const most = plan.node.kind === 'leaf' ? plan.node.retry.maxAttempts : 1;
  const time = durationText(workedMs(attempt, lastActivityAt));
  const waitedMs = (startedAt ?? requestedAt) - requestedAt;
  const isCommand = commandTask(plan) !== undefined;
  const rows: readonly (readonly [string, string])[] = [
    ['state', `${status} ${time}, from ${clockText(startedAt ?? requestedAt)}`],
    ['waited', waitedMs < LEAST_WAIT_MS ? '' : `${durationText(waitedMs)} before it`],
    ['attempt', tries === 1 ? '' : `${attempt.attempt} of ${tries}, at most ${most}`],
    ['continued', continued === undefined ? '' : continuedText(continued)],
    ['outcome', entry === undefined || entry.alive || entry.status === status ? '' : entry.status],
    ['failure', failure === undefined ? '' : `${failure.kind}: ${failure.message}`],
    [
      'reused from',
      from === undefined ? '' : addressText(shortOf(from.run), from.path, from.attempt),
    ],
    ...(isCommand ? commandFacts(attempt, (ref) => contentOf(store, ref)) : []),
    ['model', modelText(attempt)],
    ['sandbox', attempt.sandbox ?? ''],
    ['used', isCommand ? '' : usedText(attempt)],
    ['patch', patchText(attempt)],
    ['tree', treeText(attempt)],
    ['digest', attempt.request.digest],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) =>
      lineText([{ text: `  ${name.padEnd(12)}`, paint: 'dim' }, { text }], style, columns),
    );
}

/** Who was asked, and who answered where that was another. */
function modelText({ route, calls }: AttemptView): string {
  if (route === undefined) return '';
  const nameOf = ({ provider, model }: Route): string => `${provider}:${model}`;
  const asked = nameOf(route);
  const answered = calls.filter((call) => call.failure === undefined);
  const others = new Set(answered.map((call) => nameOf(call.route)));
  others.delete(asked);
  return others.size === 0 ? asked : `${asked} was asked, ${[...others].join(', ')} answered`;
}

/** A shorter wait is the start itself. */
const LEAST_WAIT_MS = 1_000;

/** The commit that it left, and the one that it began with. */
function treeText({ request, tree }: AttemptView): string {
  const from = request.tree?.commit.slice(0, 12) ?? '';
  const left = tree?.commit.slice(0, 12) ?? from;
  return left === from ? from : `${left}, from ${from}`;
}

function usedText(attempt: AttemptView): string {
  const { modelCalls, toolCalls, memoHits, costMicroUsd, costStatus, tokens } = attempt;
  if (modelCalls + toolCalls === 0) return '';
  const parts = [
    modelCalls === 0 ? '' : `${costText(costMicroUsd, costStatus)}, ${tokensText(tokens)}`,
    modelCalls === 0 ? '' : `${modelCalls} model call${modelCalls === 1 ? '' : 's'}`,
    memoHits === 0 ? '' : `${memoHits} from memo`,
    toolCalls === 0 ? '' : `${toolCalls} tool call${toolCalls === 1 ? '' : 's'}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function patchText({ patch }: AttemptView): string {
  if (patch === undefined) return '';
  return `+${patch.added} −${patch.removed} in ${patch.files} files, ${bytesText(patch.bytes)}`;
}

function contentLines(request: LeafPageRequest, attempt: AttemptView): readonly string[] {
  const { store, plan } = request;
  const read = (ref: ContentRef): Json => contentOf(store, ref);
  const command = commandTask(plan);
  const isAgent = attempt.tools.length > 0 && command === undefined;
  // What an agent was told on the way stands in its transcript.
  const call = attempt.calls.at(isAgent ? 0 : -1);
  const lines: string[] = [];
  if (call !== undefined) {
    lines.push(...section('prompt', promptText(contentOf(store, call.request)), request));
  }
  if (isAgent) {
    const { style, columns: width } = request.context.output;
    const said = transcriptLines(attempt, { style, width, isFull: request.isFull, read });
    lines.push('', style.paint('dim', 'transcript:'), ...said);
  }
  const output = attempt.output === undefined ? undefined : read(attempt.output);
  if (command !== undefined) {
    lines.push(...section('command', commandText(attempt, command, read), request));
    for (const [name, text] of writtenTexts(output ?? null)) {
      // The verdict stands at the end of what a process writes.
      lines.push(...section(name, text, request, { isEndKept: true }));
    }
  } else if (output !== undefined) lines.push(...section('output', jsonText(output), request));
  if (attempt.patch !== undefined) {
    const patch = contentOf(store, attempt.patch);
    lines.push(...section('patch', typeof patch === 'string' ? patch : '', request));
  }
  for (const [at, fruit] of attempt.fruit.entries()) {
    if (at === 0) lines.push('');
    lines.push(
      lineText(
        [{ text: `  ${fruit.type.padEnd(12)}`, paint: 'dim' }, { text: fruit.title }],
        request.context.output.style,
        undefined,
      ),
    );
  }
  return lines;
}

/** A content as a value; what cannot be read says so in its place. */
function contentOf(store: TraceStore, ref: ContentRef): Json {
  const data = store.blob(ref.digest);
  if (data === undefined) return `(content ${ref.digest.slice(0, 12)} is not in the store)`;
  if (ref.type === 'binary') return `(${bytesText(ref.bytes)} of binary data)`;
  const text = new TextDecoder().decode(data);
  if (ref.type !== 'json') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** The messages of a model request as text. */
function promptText(request: Json): string {
  if (!isJsonObject(request)) return jsonText(request);
  const { system, messages } = request as { readonly system?: Json; readonly messages?: Json };
  const texts: string[] = [];
  if (typeof system === 'string') texts.push(`[system] ${system}`);
  for (const message of Array.isArray(messages) ? messages : []) {
    if (!isJsonObject(message)) continue;
    const { role, text } = message as { readonly role?: Json; readonly text?: Json };
    const said = typeof text === 'string' ? text : jsonText(text ?? message);
    texts.push(role === 'user' ? said : `[${String(role)}] ${said}`);
  }
  return texts.length === 0 ? jsonText(request) : texts.join('\n');
}

const jsonText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

function section(
  title: string,
  text: string,
  { context, isFull }: LeafPageRequest,
  { isEndKept = false }: { readonly isEndKept?: boolean } = {},
): readonly string[] {
  const { style } = context.output;
  const all = printableLines(text).replaceAll('\t', '    ').trimEnd().split('\n');
  const most = isFull ? all.length : MAX_LINES;
  const shown = isEndKept ? all.slice(-most) : all.slice(0, most);
  const hidden = all.length - shown.length;
  const left = hidden > 0 ? [style.paint('dim', `  … ${hidden} more lines: --full`)] : [];
  return [
    '',
    style.paint('dim', `${title}:`),
    ...(isEndKept ? left : []),
    ...shown.map((line) => `  ${cutLine(line, isFull, style)}`),
    ...(isEndKept ? [] : left),
  ];
}

const cutLine = (line: string, isFull: boolean, style: Style): string =>
  isFull || line.length <= MAX_LINE_CHARACTERS
    ? line
    : `${line.slice(0, MAX_LINE_CHARACTERS)}${style.paint('dim', '… (--full)')}`;

export function leafJson(request: LeafPageRequest): JsonObject {
  const { view, store, standing, path, plan } = request;
  const entry = view.state.nodes.get(path);
  const attempt = view.attempt(path, request.attempt);
  const { run } = standing.row;
  const sums = view.rollup(path);
  const output = attempt?.output;
  return {
    schema: 'whaleflow.leaf/1',
    run,
    leaf: addressText(run, path, attempt?.attempt),
    kind: plan.node.kind,
    task: plan.node.kind === 'leaf' ? plan.node.task.type : null,
    state: stateWord(view, path),
    failure: entry === undefined || entry.alive ? null : { ...entry.failure },
    cost_microusd: sums.costMicroUsd,
    cost_status: sums.costStatus,
    tokens: tokensJson(sums.tokens),
    digest: attempt?.request.digest ?? null,
    attempts: view.attemptsOf(path).map((one) => attemptJson(one)),
    prompt: lastPrompt(store, attempt),
    output: output === undefined ? null : contentOf(store, output),
    patch: attempt?.patch === undefined ? null : { ...attempt.patch },
    fruit: (attempt?.fruit ?? []).map(({ type, title, value, evidence }) => ({
      type,
      title,
      value: value ?? null,
      evidence,
    })),
  };
}

function lastPrompt(store: TraceStore, attempt: AttemptView | undefined): string | null {
  const call = attempt?.calls.at(-1);
  return call === undefined ? null : promptText(contentOf(store, call.request));
}

function attemptJson(one: AttemptView): JsonObject {
  return {
    attempt: one.attempt,
    state: one.status,
    requested_at: timeJson(one.requestedAt),
    started_at: one.startedAt === undefined ? null : timeJson(one.startedAt),
    finished_at: one.finishedAt === undefined ? null : timeJson(one.finishedAt),
    route: one.route === undefined ? null : { ...one.route },
    sandbox: one.sandbox ?? null,
    model_calls: one.modelCalls,
    memo_hits: one.memoHits,
    tool_calls: one.toolCalls,
    cost_microusd: one.costMicroUsd,
    cost_status: one.costStatus,
    tokens: tokensJson(one.tokens),
    failure: one.failure === undefined ? null : { ...one.failure },
    output_digest: one.output?.digest ?? null,
    reused_from: one.from === undefined ? null : { ...one.from },
  };
}
