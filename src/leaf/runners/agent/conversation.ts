/**
 * What an agent has said and been told, kept within the model’s window. The policy: the task and the last
 * turns always stay whole. When the rest does not fit, long answers of tools and long texts in calls go, the
 * oldest turns first, each leaving a line that says so; where that is not enough whole turns go, with a line
 * beside the task. At once so many go that a quarter of the window is free again, since each cut makes a provider read all behind it anew. The same conversation is always
 * cut at the same places.
 */
import { isJsonObject, type Json } from '../../../base/json.ts';
import type {
  ModelMessage,
  ModelRequest,
  ModelToolCall,
  ModelToolResult,
} from '../../../model/model-provider.ts';
import { estimateInputTokens } from '../../../model/model-request.ts';

/** Where a model does not say how much it reads. */
const DEFAULT_WINDOW_TOKENS = 128_000;
/** Turns that are never cut. */
const KEPT_TURNS = 3;
/** Of the room that there is: what a cut leaves at most. */
const FILLED_AFTER_CUT = 0.75;
/** Texts of calls that are not longer stay. */
const SHORT_BYTES = 200;

export class Conversation {
  readonly #task: string;
  readonly #turns: (readonly ModelMessage[])[] = [];
  /** Turns whose long texts are left out, and those of them that are left out as a whole. */
  #cut = 0;
  #dropped = 0;

  constructor(task: string) {
    this.#task = task;
  }

  addTurn(
    text: string,
    toolCalls: readonly ModelToolCall[],
    results: readonly ModelToolResult[],
  ): void {
    this.#turns.push([
      { role: 'assistant', text, ...(toolCalls.length === 0 ? {} : { toolCalls }) },
      { role: 'tool', results },
    ]);
  }

  /** A turn without calls, and what the model is told about it. */
  addReminder(text: string, reminder: string): void {
    this.#turns.push([
      { role: 'assistant', text: text === '' ? '(nothing)' : text },
      { role: 'user', text: reminder },
    ]);
  }

  /**
   * The request with as much of the conversation as fits; undefined where even the cut one does not. Asked
   * once a turn: what is cut stays cut.
   */
  fit(
    request: Omit<ModelRequest, 'messages'>,
    windowTokens: number = DEFAULT_WINDOW_TOKENS,
  ): ModelRequest | undefined {
    const room = windowTokens - request.maxOutputTokens;
    const sized = (cut: number, dropped: number): Sized => {
      const fitted = { ...request, messages: this.#messages(cut, dropped) };
      return { fitted, tokens: estimateInputTokens(fitted) };
    };
    const whole = sized(this.#cut, this.#dropped);
    if (whole.tokens <= room) return whole.fitted;
    const most = Math.max(this.#cut, this.#dropped, this.#turns.length - KEPT_TURNS);
    const goal = room * FILLED_AFTER_CUT;
    const isEnough = (cut: number, dropped: number): boolean => sized(cut, dropped).tokens <= goal;
    this.#cut = fewest(this.#cut, most, (cut) => isEnough(cut, this.#dropped));
    if (!isEnough(this.#cut, this.#dropped)) {
      this.#dropped = fewest(this.#dropped, most, (dropped) => isEnough(most, dropped));
    }
    const { fitted, tokens } = sized(this.#cut, this.#dropped);
    return tokens <= room ? fitted : undefined;
  }

  #messages(cut: number, dropped: number): readonly ModelMessage[] {
    const turns = dropped === 1 ? 'first turn is' : `first ${dropped} turns are`;
    const note = `\n\n[your ${turns} left out; what was done to files stays done]`;
    return [
      { role: 'user', text: dropped === 0 ? this.#task : `${this.#task}${note}` },
      ...this.#turns
        .slice(dropped)
        .flatMap((turn, index) => (index + dropped < cut ? turn.map(shortened) : turn)),
    ];
  }
}

interface Sized {
  readonly fitted: ModelRequest;
  readonly tokens: number;
}

/** The least number that is enough, or the most. What more leaves out never makes it longer. */
function fewest(least: number, most: number, isEnough: (count: number) => boolean): number {
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

function shortened(message: ModelMessage): ModelMessage {
  if (message.role === 'user') return message;
  if (message.role === 'tool') {
    const results = message.results.map((result) => {
      const { text } = result;
      const note = `[left out: ${Buffer.byteLength(text)} bytes; call the tool again if you need them]`;
      return text.length <= note.length ? result : { ...result, text: note };
    });
    return { role: 'tool', results };
  }
  const { toolCalls } = message;
  if (toolCalls === undefined) return message;
  return {
    ...message,
    toolCalls: toolCalls.map((call) => ({ ...call, input: short(call.input) })),
  };
}

/** The input of a call without its long texts; what is no JSON stays as it was said. */
function short(input: string): string {
  if (Buffer.byteLength(input) <= SHORT_BYTES) return input;
  try {
    return JSON.stringify(withoutLong(JSON.parse(input) as Json));
  } catch {
    return input;
  }
}

function withoutLong(value: Json): Json {
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    return bytes <= SHORT_BYTES ? value : `[left out: ${bytes} bytes]`;
  }
  if (Array.isArray(value)) return value.map(withoutLong);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutLong(one)]));
}
