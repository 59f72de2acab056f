/**
 * Another coding agent, as a leaf starts it: made by the wiring from the configuration, with every
 * template but those of the leaf filled in. Vendors are rows of data there and nowhere here.
 */

import type { Route } from '../../../trace/events.ts';

/** How its output is read; see `formats/`. */
export const agentFormats = ['text', 'jsonl', 'claude', 'codex', 'gemini', 'opencode'] as const;
export type AgentFormat = (typeof agentFormats)[number];

export interface ExternalAgent {
  /** As the configuration names it. */
  readonly name: string;
  readonly protocol: AgentProtocol;
  /**
   * Program and arguments. `{prompt}` becomes the prompt and `{prompt_file}` a file that holds it; without
   * either the prompt is what it reads on stdin. `{rights}` becomes the arguments of `rights`.
   */
  readonly argv: readonly string[];
  /** Arguments by what the leaf may do; the first that fits takes the place of `{rights}`. */
  readonly rights: AgentRights;
  /** Variables set for it, beside those that every command has. */
  readonly env: Readonly<Record<string, string>>;
  /** More of them where a strict sandbox holds it. */
  readonly confinedEnv?: Readonly<Record<string, string>>;
  /** Absolute: what it may read outside of its tree in a strict sandbox, its program among it. */
  readonly readable: readonly string[];
  /** Absolute: what it may write outside of its tree in a strict sandbox. */
  readonly writable: readonly string[];
  /** Its `HOME`; a folder of its own, gone with it, where absent. */
  readonly home?: string;
  /** Files of a folder of its own: path → text. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** What is known of its cost before it starts. */
  readonly billing: AgentBilling;
  /**
   * Its model calls go through us: variables in which `{url}` is the address, `{token}` what it has for a
   * key, and `{model}` the name of the model; so in its arguments.
   */
  readonly proxyEnv?: Readonly<Record<string, string>>;
  /** How it signs in where its protocol asks: one of its own ways, by id. */
  readonly auth?: string;
  /** The model that it says it asks, where the configuration tells; for the record only. */
  readonly model?: string;
}

export type AgentProtocol =
  | { readonly type: 'exec'; readonly format: AgentFormat }
  | {
      readonly type: 'acp';
      /** It is offered no files through us: it fails with those, or does not need them. */
      readonly hasOwnFiles?: true;
    };

export interface AgentRights {
  /** The leaf reads only. */
  readonly readOnly: readonly string[];
  /** The leaf may write, and nothing but its worktree holds it. */
  readonly readWrite: readonly string[];
  /** A strict sandbox holds it: its own confinement would fail inside, and is not needed. */
  readonly confined: readonly string[];
}

/**
 * `unknown`: nobody can say. `reported`: it says afterwards. `included`: a plan pays for it, whatever it
 * does.
 */
export type AgentBilling = 'unknown' | 'reported' | 'included';

/** The command line for permissions, records and people: without what is filled in. */
export function agentCommand({ argv, rights }: Pick<ExternalAgent, 'argv' | 'rights'>): string {
  return argv
    .flatMap((word) => (word === '{rights}' ? rights.readWrite : [word]))
    .filter((word) => word !== '{prompt}' && word !== '{prompt_file}')
    .join(' ');
}

/** What the record calls a model of which nothing is known. */
const UNTOLD_MODEL = 'unknown';

/** Who answers, as far as it is known before. */
export function agentRoute({ name, model }: Pick<ExternalAgent, 'name' | 'model'>): Route {
  return { provider: name, model: model ?? UNTOLD_MODEL };
}
