/**
 * What the configuration says about models: where providers are, who answers which role, what models can
 * do and what they cost. Vendors are rows of data here and nowhere else.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Role } from '../../workflow/limits.ts';

/** Sections of config files that hold tables under names of the user’s own. */
export const modelSections: readonly string[] = ['providers', 'roles', 'models', 'prices'];

export function isModelSection(section: string): boolean {
  return modelSections.includes(section);
}

/** What is spoken to a provider: OpenAI’s chat, OpenAI’s responses, Anthropic’s messages. */
export const dialectNames = ['openai', 'openai-responses', 'anthropic', 'gemini'] as const;
export type DialectName = (typeof dialectNames)[number];

/** What a model can do; absent and `unknown` are the same. */
export type Known = 'yes' | 'no' | 'unknown';

export const capabilityNames = ['tools', 'schema_mode', 'vision'] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/** A value with the place that it comes from: `FILE:LINE` or `built in`. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: string;
}

/** Where a provider’s key is; never the key itself. */
export type KeySource =
  | { readonly type: 'env'; readonly name: string }
  /** A command line for the shell; its first line of output is the key. */
  | { readonly type: 'command'; readonly line: string };

export interface ProviderRow {
  readonly name: string;
  readonly dialect: DialectName;
  /** With its version: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Absent where the server wants none. */
  readonly key?: KeySource;
  /** Holds for each of its models that says nothing else. */
  readonly capabilities: Readonly<Partial<Record<CapabilityName, Known>>>;
  /** What it calls the limit of an answer, where that is not `max_tokens`. */
  readonly outputLimitField?: 'max_completion_tokens';
  /** What the price list of models calls it; absent where the list does not know it. */
  readonly listName?: string;
  /** Calls of all runs on this machine to it at once. */
  readonly maxCalls?: number;
  /** It answers by the demo’s script, in the process that drives: its address is made when it is asked. */
  readonly demo?: DemoRow;
  readonly origin: string;
}

export interface DemoRow {
  /** Prices of those of its models that pretend to have one; the others are free. */
  readonly prices: ReadonlyMap<string, ListPrice>;
  /** Milliseconds without content after which an answer counts as stalled. */
  readonly idleMs: number;
}

/** What is known of one model; each fact apart. */
export interface ModelFacts {
  readonly capabilities: Readonly<Partial<Record<CapabilityName, Sourced<Known>>>>;
  /** What it reads and writes at most in one call, in tokens. */
  readonly contextTokens?: Sourced<number>;
  readonly maxOutputTokens?: Sourced<number>;
}

/** US dollars per million tokens. */
export interface ListPrice {
  readonly input: number;
  readonly output: number;
  /** As input where absent. */
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

export interface ModelsConfig {
  readonly providers: ReadonlyMap<string, ProviderRow>;
  /** Role, or `default` → models that answer it, the first of them first. */
  readonly roles: ReadonlyMap<Role | 'default', Sourced<readonly string[]>>;
  /** By `provider:model`. */
  readonly facts: ReadonlyMap<string, ModelFacts>;
  readonly prices: ReadonlyMap<string, Sourced<ListPrice>>;
  /** All of it but the rows that are built in, as lines, for people. */
  readonly settings: readonly TextSetting[];
  readonly warnings: readonly Diagnostic[];
}

export interface TextSetting {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
}

export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

/** `provider:model`; the model may have colons of its own. Undefined where it is none. */
export function parseModelName(text: string): ModelName | undefined {
  const match = /^([a-z0-9][\w.-]{0,63}):([\x21-\x2b\x2d-\x7e]{1,200})$/i.exec(text);
  const [, provider, model] = match ?? [];
  return provider === undefined || model === undefined ? undefined : { provider, model };
}
