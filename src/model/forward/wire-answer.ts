/**
 * What an answer says, read from its bytes while they pass: its text, its calls of tools, what it has
 * used, and whether it came to its end. Server-sent events or one JSON; each dialect has a small reader.
 */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tokens } from '../../trace/usage.ts';
import type { WireDialect } from '../forward-exchange.ts';
import type { ModelToolCall } from '../model-provider.ts';
import { anthropicReader } from './anthropic-reader.ts';
import { chatReader } from './chat-reader.ts';
import { geminiReader } from './gemini-reader.ts';
import { responsesReader } from './responses-reader.ts';
import type { AnswerSink, ToolCallPart, WireFailure, WireReader } from './wire-reader.ts';

const readers: Readonly<Record<WireDialect, WireReader>> = {
  'openai-chat': chatReader,
  'openai-responses': responsesReader,
  'anthropic-messages': anthropicReader,
  gemini: geminiReader,
};

/** Characters of an answer’s text that are kept. */
const MAX_TEXT = 4_000_000;
/** Of one event. */
const MAX_EVENT = 16 * 2 ** 20;

export class WireAnswer implements AnswerSink {
  readonly #reader: WireReader;
  readonly #isStream: boolean;
  readonly #decoder = new TextDecoder();
  readonly #calls = new Map<string, { id: string; name: string; input: string }>();
  #rest = '';
  #text = '';
  #written = 0;
  #tokens: Partial<Tokens> = {};
  #model: string | undefined;
  #isDone = false;
  #isCut = false;
  #failure: WireFailure | undefined;
  #isGarbled = false;

  /** `contentType`: of the answer. */
  constructor(dialect: WireDialect, contentType: string) {
    this.#reader = readers[dialect];
    this.#isStream = contentType.includes('text/event-stream');
  }

  /** Gives the text that came with it. */
  add(chunk: Uint8Array): string {
    const before = this.#text.length;
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    if (this.#isStream) this.#events();
    if (this.#rest.length > MAX_EVENT) this.#rest = '';
    return this.#text.slice(before);
  }

  /** All has come. */
  end(): void {
    this.#rest += this.#decoder.decode();
    if (this.#isStream) this.#events('\n\n');
    else {
      const value = parsed(this.#rest);
      if (value !== undefined) this.#reader.whole(value, this);
    }
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Anything that a model wrote has come: it has to be paid for. */
  get hasContent(): boolean {
    return this.#written > 0;
  }

  get writtenLength(): number {
    return this.#written;
  }

  get said(): string {
    return this.#text;
  }

  get toolCalls(): readonly ModelToolCall[] {
    return [...this.#calls.values()];
  }

  get model(): string | undefined {
    return this.#model;
  }

  /** What the provider said where it gave up in the middle. */
  get failure(): WireFailure | undefined {
    return this.#failure;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** An event has come that is no JSON: nothing after it is read. */
  get isGarbled(): boolean {
    return this.#isGarbled;
  }

  /** Undefined where none was reported, or what can’t be true. */
  get tokens(): Tokens | undefined {
    const { uncached, output } = this.#tokens;
    if (uncached === undefined || output === undefined) return undefined;
    const tokens = { cacheRead: 0, cacheWrite: 0, reasoning: 0, ...this.#tokens, uncached, output };
    const isSound = Object.values(tokens).every((one) => Number.isSafeInteger(one) && one >= 0);
    return isSound ? tokens : undefined;
  }

  text(piece: string): void {
    this.#written += piece.length;
    if (this.#text.length < MAX_TEXT) this.#text += piece;
  }

  hidden(piece: string): void {
    this.#written += piece.length;
  }

  toolCall(key: string, part: ToolCallPart): void {
    const call = this.#calls.get(key) ?? { id: '', name: '', input: '' };
    if (part.id !== undefined) call.id = part.id;
    if (part.name !== undefined) call.name = part.name;
    const before = call.input.length;
    if (part.input !== undefined) call.input += part.input;
    if (part.whole !== undefined) call.input = part.whole;
    this.#written += Math.max(0, call.input.length - before) || (part.name ?? '').length;
    this.#calls.set(key, call);
  }

  usage(tokens: Partial<Tokens>): void {
    this.#tokens = { ...this.#tokens, ...tokens };
  }

  answeredBy(model: string): void {
    this.#model = model;
  }

  fails(failure: WireFailure): void {
    this.#failure ??= failure;
  }

  done(isCut = false): void {
    this.#isDone = true;
    this.#isCut ||= isCut;
  }

  #events(ending = ''): void {
    this.#rest = `${this.#rest}${ending}`.replaceAll('\r\n', '\n');
    let at = 0;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n', at)) {
      if (!this.#isGarbled) this.#event(this.#rest.slice(at, end), ending !== '');
      at = end + 2;
    }
    this.#rest = this.#rest.slice(at);
  }

  /** `isLast`: all has come; an event that was cut off there is none. */
  #event(text: string, isLast: boolean): void {
    const data = text
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice('data:'.length).trimStart())
      .join('\n');
    if (data === '') return;
    if (data === '[DONE]') {
      this.#reader.marker?.(this);
      return;
    }
    const value = parsed(data);
    if (value !== undefined) this.#reader.event(value, this);
    else this.#isGarbled = !isLast;
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
