import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tokens } from '../../trace/usage.ts';

/** Of a call of a tool; a key joins those of one call. */
export interface ToolCallPart {
  readonly id?: string;
  readonly name?: string;
  /** Is added to what has come. */
  readonly input?: string;
  /** Takes the place of what has come. */
  readonly whole?: string;
}

export interface WireFailure {
  /** In the words of the provider; empty where it has none. */
  readonly code: string;
  readonly message: string;
}

/** What a reader tells of an answer. */
export interface AnswerSink {
  text(piece: string): void;
  /** Written, and no part of the text: reasoning. */
  hidden(piece: string): void;
  toolCall(key: string, part: ToolCallPart): void;
  /** What is given counts in place of what was. */
  usage(tokens: Partial<Tokens>): void;
  answeredBy(model: string): void;
  /** The dialect’s own end has come; `isCut`: at the limit of its length. */
  done(isCut?: boolean): void;
  /** The provider gave up in the middle. */
  fails(failure: WireFailure): void;
}

export interface WireReader {
  event(event: JsonObject, sink: AnswerSink): void;
  /** An answer that is no stream. */
  whole(body: JsonObject, sink: AnswerSink): void;
  /** `[DONE]`. */
  marker?(sink: AnswerSink): void;
}

export function at(
  value: Json | undefined,
  ...names: readonly (string | number)[]
): Json | undefined {
  let found = value;
  for (const name of names) {
    if (found === undefined || found === null || typeof found !== 'object') return undefined;
    found = (found as Readonly<Record<string, Json>>)[String(name)];
  }
  return found;
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Undefined for what is no number. */
export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
