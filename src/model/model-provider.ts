/**
 * A model as a port: one exact request in, a stream of events out. What is asked is location-free, so
 * that equal contexts are equal requests; where it comes from stands beside it, for records and scripts.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { CostStatus, Tokens } from '../trace/usage.ts';
import type { JsonSchema, Role } from '../workflow/limits.ts';

export type ModelMessage =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls?: readonly ModelToolCall[];
    }
  | { readonly role: 'tool'; readonly results: readonly ModelToolResult[] };

export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: mostly JSON, but that is for the caller to find out. */
  readonly input: string;
}

export interface ModelToolResult {
  /** Of the call that it answers. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly isError: boolean;
}

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly input: JsonSchema;
}

/** Everything that the model’s answer may depend on. Its digest is the identity of the call. */
export interface ModelRequest {
  readonly model: string;
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  /** Schema of the answer; free text where absent. */
  readonly output?: JsonSchema;
  /** What the model may call; the caller runs them. */
  readonly tools?: readonly ModelTool[];
  readonly temperature?: number;
  readonly maxOutputTokens: number;
  /** What somebody else asks, exactly, in the words of a dialect; the messages only say what it is about. */
  readonly wire?: { readonly dialect: string; readonly body: JsonObject };
  /** Tells intended repetitions of one context apart: branch, iterations, attempt. */
  readonly sample?: string;
}

/** Where a request comes from. Never part of what the model sees. */
export interface ModelCallOrigin {
  readonly path: string;
  readonly attempt: number;
  readonly call: number;
  readonly role: Role;
}

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  /** Written and paid for, and no part of the text: thinking, arguments of tools. Only its length counts. */
  | { readonly type: 'hidden'; readonly text: string }
  | {
      readonly type: 'finished';
      readonly text: string;
      /** The typed answer when the request had a schema and the provider has a schema mode. */
      readonly value?: Json;
      /** In the order in which they were made; absent where there are none. */
      readonly toolCalls?: readonly ModelToolCall[];
      /** The answer ends where its limit was, not where the model meant to. */
      readonly isCut?: true;
      readonly usage: ModelUsage;
      /** The model that answered, as the provider names it. */
      readonly model: string;
      readonly raw?: JsonObject;
    }
  | {
      readonly type: 'failed';
      readonly kind: 'provider' | 'timeout' | 'refused' | 'schema';
      readonly message: string;
      /** May be sent again within the attempt. */
      readonly retryable: boolean;
      readonly retryAfterMs?: number;
      /** The provider wants fewer calls: a limit of rates, or too much to do. */
      readonly isBusy?: true;
      /** The key, the account or its right is at fault: every call would fail until a person mends it. */
      readonly isCredentials?: true;
      /** What the provider answered, or why it could not be reached: an HTTP status, a code of Node. */
      readonly cause?: { readonly status: number } | { readonly code: string };
      readonly usage?: ModelUsage;
    };

/** How a call ends. */
export type ModelEnd = Exclude<ModelEvent, { readonly type: 'text' | 'hidden' }>;

export interface ModelUsage {
  readonly tokens: Tokens;
  readonly costMicroUsd: number;
  readonly costStatus: CostStatus;
}

export interface ModelProvider {
  readonly name: string;
  /** Ends with exactly one `finished` or `failed`. Never rejects; an abort ends it with `failed`. */
  call(
    request: ModelRequest,
    origin: ModelCallOrigin,
    signal: AbortSignal,
  ): AsyncIterable<ModelEvent>;
}

/** Which model of which provider answers a role; made by the wiring from the config. */
export interface ModelRoute {
  readonly provider: ModelProvider;
  readonly model: string;
  /** Micro-dollars of a call of this many tokens at list price; absent where no price is known. */
  readonly estimateCost?: (inputTokens: number, outputTokens: number) => number;
  /** What the model can write at most in one answer, in tokens. */
  readonly maxOutputTokens?: number;
  /** What it reads and writes at most in one call, in tokens; not known where absent. */
  readonly windowTokens?: number;
  /** Who is asked when this one’s provider fails, in order; the record says who answered. */
  readonly fallbacks?: readonly ModelRoute[];
}
