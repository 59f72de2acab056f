/**
 * What the configuration says about other coding agents: which programs they are and how they are spoken
 * to. Only a person’s own configuration does: a repository that named programs would run them.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type {
  AgentBilling,
  AgentProtocol,
  AgentRights,
} from '../../leaf/runners/external/external-agent.ts';
import type { DialectName, TextSetting } from '../models/models-config.ts';

export const AGENT_SECTION = 'agents';

export interface AgentRow {
  readonly name: string;
  readonly protocol: AgentProtocol;
  /**
   * Program and arguments, with `{prompt}`, `{prompt_file}`, `{rights}`, and `{model}` and `{proxy}`, which
   * become the arguments below or nothing.
   */
  readonly argv: readonly string[];
  readonly rights: AgentRights;
  /** In place of `{model}` where a model is set; `{model}` in them is its name. */
  readonly modelArgs: readonly string[];
  /** A model of its own, by the name that it has for it. */
  readonly model?: string;
  /** How its model calls are led through us; absent where nobody knows how. */
  readonly proxy?: ProxyWords;
  readonly isProxied: boolean;
  /** Names of variables that it gets from the environment. */
  readonly passes: readonly string[];
  readonly sets: Readonly<Record<string, string>>;
  /** Set where the strict sandbox holds it. */
  readonly confinedSets?: Readonly<Record<string, string>>;
  /** What it may read and write outside of its tree in a strict sandbox; `~/` is the home. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** `user`: it signs in with what lies in the home of the person. */
  readonly home: 'user' | 'own';
  /** How it signs in where its protocol asks: one of its own ways, by id. */
  readonly auth?: string;
  readonly billing: AgentBilling;
  /** `--version` or what it has for it. */
  readonly versionArgs: readonly string[];
  readonly origin: string;
}

/** `{url}` is the address without a path, `{token}` what it has for a key, `{model}` the name of the model. */
export interface ProxyWords {
  /** Providers that it can be led to, by what is spoken to them: what it speaks itself comes first. */
  readonly dialects: readonly [DialectName, ...DialectName[]];
  readonly env: Readonly<Record<string, string>>;
  /** Files of the home that it has then, and that is gone with it. */
  readonly home?: Readonly<Record<string, string>>;
  /** As `auth`, with what it has for a key. */
  readonly auth?: string;
  /** In place of `{proxy}` in its arguments. */
  readonly args: readonly string[];
}

export interface AgentsConfig {
  /** Built-in ones and the person’s own. */
  readonly rows: ReadonlyMap<string, AgentRow>;
  readonly settings: readonly TextSetting[];
  readonly warnings: readonly Diagnostic[];
}
