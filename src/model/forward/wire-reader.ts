import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tokens } from '../../trace/usage.ts';

/** What a reader tells of an answer. */
export interface AnswerSink {
  text(piece: string): void;
  /** Written, and no part of the text: reasoning. */
  hidden(piece: string): void;
  /** `key` joins the pieces of one call; `input` is added. */
  toolCall(
    key: string,
    part: { readonly id?: string; readonly name?: string; readonly input?: string },
  ): void;
  /** What is given counts in place of what was. */
  usage(tokens: Partial<Tokens>): void;
  answeredBy(model: string): void;
  /** The dialect’s own end has come; `isCut`: at the limit of its length. */
  done(isCut?: boolean): void;
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
