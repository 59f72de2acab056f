/**
 * What a run begins with beside its workflow: where it came from, what a person accepted, which of the
 * configuration it depends on, and the files that it starts from.
 */
import type { NodePath } from '../workflow/node-path.ts';
import type { ContentRef } from './content.ts';

/** Where a run came from. */
export interface Lineage {
  readonly mode: 'live' | 'fork' | 'import';
  readonly parent?: string;
  /** `fork --at`: this node and everything that depends on it is not answered from the parent. */
  readonly voided?: NodePath;
  /** `fork --fresh`: nothing is answered from the parent. */
  readonly isFresh?: true;
}

export interface SourceFile {
  /** Relative to the repository root where it lies in it. */
  readonly path: string;
  readonly language: 'starlark' | 'yaml' | 'json';
  /** sha256 of the file’s bytes, hex. */
  readonly digest: string;
  /** The text itself, so that a run can be looked at without its file. */
  readonly text?: ContentRef;
  /** Files that it loads, with their digests. */
  readonly loads?: Readonly<Record<string, string>>;
}

/** Where nodes stand in the source: node id → line and column. */
export type SourceMap = Readonly<Record<string, readonly [line: number, column: number]>>;

/** What a person accepted before the run began. */
export interface Consent {
  readonly by: 'person' | 'flag' | 'library';
  /** Globs of commands, over the joined argv, that may run without a sandbox. */
  readonly commands: readonly string[];
  /** Variables that look like secrets and may be given to its processes; absent before there was a question. */
  readonly env?: readonly string[];
}

/** A folder of knowledge as it was when the run began. */
export interface RecordedSkill {
  /** Of all its files, hex. */
  readonly digest: string;
  /** What it is about: one line. */
  readonly description: string;
  readonly from: 'user' | 'repository';
  /** By path in its folder; `SKILL.md` is what it says first. */
  readonly files: Readonly<Record<string, ContentRef>>;
}

/** What of the effective configuration a run depends on; never a secret. */
export interface RunConfig {
  /** Leaves in flight at most, by class. */
  readonly concurrency: { readonly model: number; readonly command: number };
  /** So many leaves are requested by one fact at most; as many as there are slots where absent. */
  readonly atOnce?: number;
  /** The wiring of runners: `real`, or `mock` with the fixture’s digest. */
  readonly wiring: string;
  readonly sandbox: 'none' | 'strict' | 'in-process';
  /** Role (and the model that a node names) → models that are asked, first choice first, `, ` between. */
  readonly routes: Readonly<Record<string, string>>;
  /** The skills that its leaves name. */
  readonly skills?: Readonly<Record<string, RecordedSkill>>;
  /** Calls without a known price are sent under a ceiling of money. */
  readonly allowUnknownCost?: true;
  /** Name of an agent in the workflow → name of the configured one, where they differ. */
  readonly agents?: Readonly<Record<string, string>>;
  /** What its trees have beside what git holds. */
  readonly workspace?: RunDependencies;
  /** Tool of a server outside → digest of its definition as a person has accepted it. */
  readonly mcp?: Readonly<Record<string, string>>;
}

export interface RunDependencies {
  /** Folders of the user's checkout, by path below its root. */
  readonly link: readonly string[];
  readonly setup?: RecordedSetup;
}

export interface RecordedSetup {
  readonly command: string;
  readonly network: boolean;
  readonly limitMs: number;
  /** Of command, lockfiles and platform; absent until it has run or was found. */
  readonly key?: string;
  /** Where the lockfiles lie. */
  readonly lockfiles?: readonly string[];
  /** 0 where it had been run before. */
  readonly durationMs?: number;
}

export interface RunBase {
  readonly commit: string;
  readonly head: string;
  readonly branch?: string;
  readonly uncommitted: number;
}

export interface Group {
  readonly id: string;
  readonly arm?: string;
  readonly case?: string;
  readonly repeat?: number;
}
