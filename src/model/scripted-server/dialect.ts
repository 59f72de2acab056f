/**
 * The neutral form between a script and the wire: what was asked, and what to answer. A dialect turns
 * the one out of a request body and the other into the bytes that its clients expect.
 */
import type { Json, JsonObject } from '../../base/json.ts';

export interface ScriptedMessage {
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
}

export interface ScriptedRequest {
  readonly dialect: string;
  /** With its query. */
  readonly path: string;
  readonly model: string;
  readonly system: string;
  readonly messages: readonly ScriptedMessage[];
  /** Names of the tools offered. */
  readonly tools: readonly string[];
  readonly isStream: boolean;
  /** Schema of the answer, where the request has one. */
  readonly schema?: Json;
  /** Counts from 1 over the life of the server. */
  readonly number: number;
  readonly body: JsonObject;
}

export interface ScriptedToolCall {
  readonly name: string;
  readonly input: Json;
}

export interface ScriptedUsage {
  readonly uncached: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** One answer of the model. */
export interface ScriptedTurn {
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Estimated from the lengths where absent. */
  readonly usage?: Partial<ScriptedUsage>;
  /** What goes wrong on the way; see `faults.ts`. */
  readonly fault?: string;
  /** Answered with status 403 and these words, in place of anything else. */
  readonly refusal?: string;
  /** Waits before it answers. */
  readonly latencyMs?: number;
}

/** A turn with everything filled in. */
export interface FullTurn {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly (ScriptedToolCall & { readonly id: string })[];
  readonly usage: ScriptedUsage;
}

export interface Dialect {
  readonly name: string;
  /** Whether a `POST` to this path is in its words. */
  answers(path: string): boolean;
  read(
    body: JsonObject,
    path: string,
  ): Omit<ScriptedRequest, 'dialect' | 'path' | 'number' | 'body'>;
  /** Server-sent events in order; the last one is the terminal marker. */
  frames(turn: FullTurn): readonly string[];
  whole(turn: FullTurn): Json;
}

/** One server-sent event. */
export function frame(data: Json, event?: string): string {
  const head = event === undefined ? '' : `event: ${event}\n`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}

const PIECE_LENGTH = 12;

/** A text in pieces, as a model streams it; at least one. */
export function pieces(text: string): readonly string[] {
  const characters = [...text];
  const all: string[] = [];
  for (let at = 0; at < characters.length; at += PIECE_LENGTH) {
    all.push(characters.slice(at, at + PIECE_LENGTH).join(''));
  }
  return all;
}

/** Text of a message’s content: a string, or parts of which the texts count. */
export function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => {
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return '';
      const { text, content: inner, output } = part as JsonObject;
      if (typeof text === 'string') return text;
      return textOf(inner ?? output);
    })
    .join('');
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item),
  );
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A text stands as it is, so that a script can answer with what is no JSON. */
export function argumentsText(input: Json): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}
