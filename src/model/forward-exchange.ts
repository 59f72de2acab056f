import type { JsonObject } from '../base/json.ts';

/** The words in which somebody else asks a model. */
export type WireDialect = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** One request of somebody else, and the way back to them. */
export interface Exchange {
  readonly dialect: WireDialect;
  readonly body: JsonObject;
  /** Wanted as a stream of events; most dialects say so in the body. */
  readonly isStream: boolean;
  /** Headers that the provider is to see: versions and betas of its dialect. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called once, before the first piece. */
  begin(status: number, contentType: string): void;
  /** Resolves when more may come. */
  write(piece: Uint8Array): Promise<void>;
}
