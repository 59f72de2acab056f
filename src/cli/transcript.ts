/** What an agent said, what it called and what came of it, in the order in which it happened. */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { printableLines } from '../base/printable.ts';
import type { AttemptView, CallView, ToolView } from '../trace/attempt-view.ts';
import type { ContentRef } from '../trace/content.ts';
import { clockText } from './amounts.ts';
import { durationText } from './duration.ts';
import { lineText, type Segment } from './segments.ts';
import type { Style } from './style.ts';
import { wrapped } from './wrapped.ts';

export interface TranscriptRequest {
  readonly style: Style;
  /** No limit where absent. */
  readonly width: number | undefined;
  /** Whole answers of tools. */
  readonly isFull: boolean;
  /** A content as a value. */
  readonly read: (ref: ContentRef) => Json;
}

/** Lines of one answer that are shown: the beginning, or of a command the end, where the verdict stands. */
const MAX_LINES = 8;
const INDENT = 13;
const MAX_COLUMNS = 100;

export function transcriptLines(
  { calls, tools }: Pick<AttemptView, 'calls' | 'tools'>,
  request: TranscriptRequest,
): readonly string[] {
  const steps = [
    ...calls.map((call) => ({ at: call.at, lines: () => callLines(call, request) })),
    ...tools.map((tool) => ({ at: tool.at, lines: () => toolLines(tool, request) })),
  ].sort((a, b) => a.at - b.at);
  return steps.flatMap(({ lines }) => lines());
}

function callLines(call: CallView, request: TranscriptRequest): readonly string[] {
  const { failure, response, latencyMs, at } = call;
  const head = (text: string, paint?: Segment['paint']): readonly string[] =>
    step(
      { at, name: 'model', latencyMs },
      { text, ...(paint === undefined ? {} : { paint }) },
      request,
    );
  if (failure !== undefined) return head(`${failure.kind}: ${failure.message}`, 'red');
  const answer = response === undefined ? null : request.read(response);
  if (!isJsonObject(answer)) return head('');
  const { text, toolCalls } = answer;
  const called = Array.isArray(toolCalls) ? toolCalls.filter(isJsonObject) : [];
  const names = called.map(({ name }) => String(name)).join(', ');
  const said = typeof text === 'string' && text !== '' ? text : `calls ${names || 'nothing'}`;
  return [...head(said), ...called.flatMap((one) => finishLines(one, request))];
}

/** How it ended its work: no tool of its own, so that no other step shows it. */
function finishLines({ name, input }: JsonObject, request: TranscriptRequest): readonly string[] {
  const report = name === 'finish' ? parsed(input) : undefined;
  if (report === undefined) return [];
  const { status, summary } = report;
  const text = `${String(status ?? '')}: ${String(summary ?? '')}`;
  return bodyLines(wrapped(text, roomOf(request)), request);
}

function toolLines(tool: ToolView, request: TranscriptRequest): readonly string[] {
  const { at, tool: name, latencyMs, exitCode, output } = tool;
  const input = request.read(tool.input);
  const object = isJsonObject(input) ? input : (parsed(input) ?? {});
  const { command, path, text: sought } = object;
  const what = [command, path, sought].find((one) => typeof one === 'string') ?? '';
  const exit = exitCode === undefined ? '' : `   exit ${exitCode ?? 'none'}`;
  const paint = exitCode === undefined || exitCode === 0 ? 'bold' : 'red';
  const head = step({ at, name, latencyMs }, { text: `${String(what)}${exit}`, paint }, request);
  const answer = output === undefined ? '' : request.read(output);
  const said = typeof answer === 'string' ? answer : JSON.stringify(answer, undefined, 2);
  const isCommand = exitCode !== undefined;
  return [...head, ...changeLines(object, request), ...answerLines(said, isCommand, request)];
}

/** What an edit takes out and puts in. */
function changeLines(
  { old, new: fresh }: JsonObject,
  request: TranscriptRequest,
): readonly string[] {
  if (typeof old !== 'string' || typeof fresh !== 'string') return [];
  const marked = (text: string, mark: string): readonly string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `${mark} ${line}`);
  return [
    ...shortened(marked(old, '−'), false, request).map((line) => painted(line, 'red', request)),
    ...shortened(marked(fresh, '+'), false, request).map((line) => painted(line, 'green', request)),
  ];
}

function answerLines(
  text: string,
  isCommand: boolean,
  request: TranscriptRequest,
): readonly string[] {
  if (text.trim() === '') return [];
  const all = printableLines(text).replaceAll('\t', '    ').trimEnd().split('\n');
  return bodyLines(shortened(all, isCommand, request), request);
}

function shortened(
  all: readonly string[],
  isEndKept: boolean,
  { isFull }: TranscriptRequest,
): readonly string[] {
  if (isFull || all.length <= MAX_LINES + 1) return all;
  const left = `… ${all.length - MAX_LINES} more lines: --full`;
  return isEndKept ? [left, ...all.slice(-MAX_LINES)] : [...all.slice(0, MAX_LINES), left];
}

const bodyLines = (lines: readonly string[], request: TranscriptRequest): readonly string[] =>
  lines.map((line) => painted(line, 'dim', request));

function painted(text: string, paint: 'dim' | 'red' | 'green', request: TranscriptRequest): string {
  const width = request.isFull ? undefined : request.width;
  return lineText([{ text: ' '.repeat(INDENT) }, { text, paint }], request.style, width);
}

interface Step {
  readonly at: number;
  readonly name: string;
  readonly latencyMs: number;
}

const NAME_COLUMNS = 12;
const TIME_COLUMNS = 7;

function step(
  { at, name, latencyMs }: Step,
  what: Segment,
  request: TranscriptRequest,
): readonly string[] {
  const { style, width } = request;
  const [first = '', ...rest] = wrapped(what.text, roomOf(request) - NAME_COLUMNS - TIME_COLUMNS);
  const paint = what.paint === undefined ? {} : { paint: what.paint };
  const blanks = ' '.repeat(INDENT + NAME_COLUMNS + TIME_COLUMNS - 1);
  return [
    lineText(
      [
        { text: `  ${clockText(at)}  `, paint: 'dim' },
        { text: name.padEnd(NAME_COLUMNS), paint: 'cyan' },
        {
          text: durationText(latencyMs)
            .padStart(TIME_COLUMNS - 2)
            .padEnd(TIME_COLUMNS),
        },
        { text: first, ...paint },
      ],
      style,
      width,
    ),
    ...rest.map((text) => lineText([{ text: blanks }, { text, ...paint }], style, width)),
  ];
}

const roomOf = ({ width = MAX_COLUMNS }: TranscriptRequest): number =>
  Math.max(40, Math.min(width, MAX_COLUMNS) - INDENT);

/** Input as a model wrote it: mostly JSON. */
function parsed(input: Json | undefined): JsonObject | undefined {
  if (typeof input !== 'string') return undefined;
  try {
    const value = JSON.parse(input) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
