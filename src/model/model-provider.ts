/**
 * A model as a port: one exact request in, a stream of events out. What is asked is location-free, so
 * that equal contexts are equal requests; where it comes from stands beside it, for records and scripts.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { CostStatus, Tokens } from '../trace/usage.ts';
import type { JsonSchema, Role } from '../workflow/limits.ts';

export interface ModelMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** Everything that the model’s answer may depend on. Its digest is the identity of the call. */
export interface ModelRequest {
  readonly model: string;
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  /** Schema of the answer; free text where absent. */
  readonly output?: JsonSchema;
  readonly temperature?: number;
  readonly maxOutputTokens: number;
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
  | {
      readonly type: 'finished';
      readonly text: string;
      /** The typed answer when the request had a schema and the provider has a schema mode. */
      readonly value?: Json;
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
      readonly usage?: ModelUsage;
    };

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
}
