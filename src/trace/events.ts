/**
 * The events of a run: facts came from outside, decisions are what `decide` concluded. Readers ignore
 * types they do not know. Everything that a decision needs stands inline; contents are references.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { NodePath } from '../workflow/node-path.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import type { ContentRef } from './content.ts';
import type { AbortReason, Failure, Outcome } from './outcome.ts';
import type {
  Consent,
  Group,
  Lineage,
  RunBase,
  RunConfig,
  SourceFile,
  SourceMap,
} from './run-terms.ts';
import type { Usage } from './usage.ts';

/** A commit that holds a tree of the run. */
export interface TreeRef {
  /** `''` is the run tree, otherwise the path of the node that isolates. */
  readonly key: NodePath;
  readonly commit: string;
}

/** The files of a leaf in the middle of its work: what differs between two commits. */
export interface KeptFiles {
  readonly base: string;
  readonly commit: string;
}

export interface PatchRef extends ContentRef {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

/** A typed by-product of a branch. */
export interface Fruit {
  readonly type: 'finding' | 'test' | 'patch' | 'note' | 'metric';
  readonly title: string;
  readonly content?: ContentRef;
  readonly value?: Json;
  readonly evidence: readonly string[];
}

/** What a leaf ended with. */
export type LeafResult =
  | { readonly status: 'succeeded' | 'degraded'; readonly output: ContentRef }
  | { readonly status: 'failed'; readonly failure: Failure; readonly output?: ContentRef };

export interface Route {
  readonly provider: string;
  readonly model: string;
}

export type Fact =
  | {
      readonly type: 'run.started';
      readonly spec: WorkflowSpec;
      readonly source?: SourceFile;
      readonly sourceMap?: SourceMap;
      readonly params: JsonObject;
      readonly seed: number;
      readonly config: RunConfig;
      readonly base?: RunBase;
      readonly consent: Consent;
      readonly lineage: Lineage;
      readonly name?: string;
      readonly group?: Group;
      readonly labels?: Readonly<Record<string, string>>;
      readonly rulesVersion: number;
    }
  | {
      readonly type: 'run.driven';
      readonly epoch: number;
      readonly pid: number;
      readonly host: string;
      readonly versions: Readonly<Record<string, string>>;
      /** Stands in the environment of every process that it starts. */
      readonly mark?: string;
      /** Where its processes run, if not where the run was recorded to. */
      readonly sandbox?: 'none' | 'strict' | 'in-process';
      /** What was accepted for this driver, in place of the consent at the start. */
      readonly consent?: Consent;
      /** Processes of the drivers before it that were still running, and were ended. */
      readonly ended?: number;
    }
  | {
      readonly type: 'leaf.started';
      readonly path: NodePath;
      readonly attempt: number;
      readonly tree?: TreeRef;
      readonly route?: Route;
      readonly sandbox?: 'none' | 'strict' | 'in-process';
      readonly pid?: number;
    }
  | {
      readonly type: 'model.requested';
      readonly path: NodePath;
      readonly attempt: number;
      /** Number of the call within the attempt, from 1. */
      readonly call: number;
      /** Number of the sending of this call, from 1. */
      readonly try: number;
      readonly digest: string;
      readonly route: Route;
      readonly reserved: { readonly costMicroUsd: number; readonly tokens: number };
    }
  | {
      readonly type: 'model.called';
      readonly path: NodePath;
      readonly attempt: number;
      readonly call: number;
      readonly try: number;
      readonly request: ContentRef;
      readonly response?: ContentRef;
      readonly route: Route;
      readonly usage: Usage;
      readonly memo: 'hit' | 'joined' | 'miss' | 'bypass';
      readonly latencyMs: number;
      readonly failure?: Failure;
    }
  | {
      readonly type: 'tool.called';
      readonly path: NodePath;
      readonly attempt: number;
      /** Of an agent: the model call that asked for it, and its place among the calls of that answer, from 0. */
      readonly call?: number;
      readonly index?: number;
      readonly tool: string;
      /** Of a tool of a server outside: which one, and the digest of the definition that was accepted. */
      readonly server?: string;
      readonly definition?: string;
      readonly input: ContentRef;
      readonly output?: ContentRef;
      /** The end of what a server printed beside its answer. */
      readonly notes?: ContentRef;
      /** Told to the model as an error. */
      readonly isError?: true;
      readonly exitCode?: number | null;
      readonly latencyMs: number;
      /** The files of the leaf as it left them, where that is not how the call before left them. */
      readonly files?: KeptFiles;
      /** Nobody can go on behind it: it was broken off, or what it left in the tree cannot be kept. */
      readonly failure?: Failure;
      /** A lost attempt may have run it already. */
      readonly maybeRepeated?: true;
    }
  /** A program of the person was told of something, and has let it be or not. */
  | {
      readonly type: 'hook.called';
      readonly path: NodePath;
      readonly attempt: number;
      readonly hook: string;
      readonly on: 'before_leaf' | 'after_leaf' | 'before_tool' | 'after_tool';
      /** Of a tool: its place, as in `tool.called`. */
      readonly call?: number;
      readonly index?: number;
      readonly tool?: string;
      /** `failed`: it could not say, and that is not to matter. */
      readonly decision: 'allow' | 'block' | 'failed';
      readonly reason?: string;
      /** Null when a signal ended it or it could not start. */
      readonly exitCode: number | null;
      readonly latencyMs: number;
    }
  | {
      readonly type: 'leaf.continued';
      readonly path: NodePath;
      readonly attempt: number;
      /** So many answers of models and results of tools came from the record of the attempts before. */
      readonly calls: number;
      readonly tools: number;
      /** What else was recorded, and why it could not be taken. */
      readonly dropped?: {
        readonly calls: number;
        readonly tools: number;
        readonly because: string;
      };
    }
  /** Raw frames between us and an external agent, a line each: `{at, from, frame}`, `at` in ms from its start. */
  | {
      readonly type: 'agent.framed';
      readonly path: NodePath;
      readonly attempt: number;
      /** Number of the first of them in the attempt, from 1. */
      readonly first: number;
      readonly count: number;
      readonly frames: ContentRef;
    }
  | {
      readonly type: 'leaf.finished';
      readonly path: NodePath;
      readonly attempt: number;
      readonly result: LeafResult;
      /** The fields of the output that the plan refers to, by dotted path (`''` is the whole). */
      readonly values?: Readonly<Record<string, Json>>;
      /** The tree as the leaf left it. */
      readonly tree?: TreeRef;
      readonly patch?: PatchRef;
      readonly fruit?: readonly Fruit[];
      /** Its slice was too small: the attempt counts as none, the leaf waits for so much. */
      readonly short?: Shortage;
      /**
       * Nobody could answer it until a person mends something: the attempt counts as none, the run stops.
       * Why stands in its failure.
       */
      readonly stop?: StopCause;
      /** It had been aborted: counts for cost and harvest, never for the outcome. */
      readonly late?: boolean;
      /** Processes of it that were killed when its grace was over: it did not end by itself. */
      readonly ended?: number;
      /** Answered from the record of another run. */
      readonly from?: { readonly run: string; readonly path: NodePath; readonly attempt: number };
    }
  | {
      readonly type: 'leaf.lost';
      readonly path: NodePath;
      readonly attempt: number;
      /**
       * Its tree was deleted under it, or it was broken off and did not end in its grace; with its driver
       * where absent.
       */
      readonly because?: 'tree' | 'grace';
      /** Processes of it that were killed when its grace was over. */
      readonly ended?: number;
      readonly maybeRepeated: boolean;
    }
  | {
      readonly type: 'tree.merged';
      readonly path: NodePath;
      readonly into: TreeRef;
      readonly sources: readonly TreeRef[];
      readonly conflicts: readonly string[];
    }
  | { readonly type: 'timer.fired'; readonly path: NodePath; readonly timer: string }
  | { readonly type: 'approval.asked'; readonly path: NodePath; readonly message: string }
  | {
      readonly type: 'approval.answered';
      readonly path: NodePath;
      readonly approved: boolean;
      readonly by: string;
      readonly reason?: string;
    }
  | { readonly type: 'run.paused'; readonly by: string }
  | { readonly type: 'run.resumed'; readonly by: string }
  | { readonly type: 'run.cancelled'; readonly by: string; readonly reason?: string }
  | {
      readonly type: 'run.stopped';
      readonly because:
        | 'budget'
        | 'credentials'
        | 'provider'
        | 'disk_full'
        | 'interrupted'
        | 'waiting_for_person';
      readonly message?: string;
    }
  | { readonly type: 'leaf.cancelled'; readonly path: NodePath; readonly by: string }
  /** A person does without a node: it ends as skipped, and what needs it is skipped too. */
  | { readonly type: 'leaf.skipped'; readonly path: NodePath; readonly by: string }
  | { readonly type: 'leaf.restarted'; readonly path: NodePath; readonly by: string }
  | { readonly type: 'budget.raised'; readonly budget: Readonly<Record<string, number>> }
  /** Wall time went another way than time: `byMs` of what seems to have passed since then was none. */
  | { readonly type: 'clock.jumped'; readonly byMs: number }
  | { readonly type: 'provider.suspended'; readonly provider: string; readonly untilMs: number }
  | { readonly type: 'provider.resumed'; readonly provider: string };

/**
 * What admission hands to one attempt: of every amount that a budget around it limits, the part that it
 * may spend alone. What is left comes back with `leaf.finished`.
 */
export interface Slice {
  readonly costMicroUsd?: number;
  readonly tokens?: number;
  /** Model and tool calls. */
  readonly steps?: number;
  /** Time for the attempt; it is broken off after it. */
  readonly ms?: number;
}

/** What keeps leaves from going on, and only a person can mend. */
export type StopCause = 'credentials' | 'disk_full';

/** What a slice was too small for: as much of it would have been needed. */
export type Shortage = Omit<Slice, 'ms'>;

export type Decision =
  | { readonly type: 'node.started'; readonly path: NodePath }
  | {
      readonly type: 'leaf.requested';
      readonly path: NodePath;
      readonly attempt: number;
      readonly slice?: Slice;
      /** Where each input comes from: name → paths of settled nodes, null where absent. */
      readonly inputs?: Readonly<Record<string, OutputAddress>>;
      /**
       * Identity of the work: 32 hex over task, prompt, schema, rights, route, parameters, item, each
       * input’s own identity and output, and the starting tree. Equal path and digest mean that a
       * recorded result answers it. The components are derived again from the spec where needed.
       */
      readonly digest: string;
      /** The tree to work in, at the commit where it stands. */
      readonly tree?: TreeRef;
    }
  | { readonly type: 'leaf.aborted'; readonly path: NodePath; readonly by: AbortReason }
  | {
      readonly type: 'timer.requested';
      readonly path: NodePath;
      readonly timer: string;
      readonly delayMs: number;
    }
  | { readonly type: 'timer.cancelled'; readonly path: NodePath; readonly timer: string }
  | { readonly type: 'approval.requested'; readonly path: NodePath; readonly message: string }
  | ({ readonly type: 'candidates.ranked'; readonly path: NodePath } & Verdict)
  | {
      readonly type: 'branch.harvested';
      readonly path: NodePath;
      /** Leaves below it, and the one that harvested it, that handed over fruit, a patch or a tree. */
      readonly leaves: readonly NodePath[];
      /** The node that it lost in, by rules from 4 on. */
      readonly owner?: NodePath;
    }
  | {
      readonly type: 'node.finished';
      readonly path: NodePath;
      readonly outcome: Outcome;
      /** The winner’s tree becomes the enclosing tree. */
      readonly adopted?: { readonly from: TreeRef; readonly into: NodePath };
      /** Losing branches of which leaves are still in flight: harvested when those have reported. */
      readonly unsettled?: readonly Loser[];
    }
  | { readonly type: 'run.finished'; readonly outcome: Outcome; readonly totals: RunTotals };

/** Who won, before the losers are harvested; what is reported later changes nothing about it. */
export interface Verdict {
  /** Whose tree the tests of the losers are tried on. */
  readonly winner: NodePath;
  readonly losers: readonly Loser[];
  /** What the node will give, without the winner’s output. */
  readonly value: Json;
}

export interface Loser {
  /** As the node calls it: the id, or the key of the instance. */
  readonly name: string;
  readonly path: NodePath;
}

/** A settled node’s output: its path (and field), a list of them, or nothing. */
export type OutputAddress =
  | null
  | { readonly path: NodePath; readonly field?: string }
  | { readonly list: readonly (NodePath | null)[]; readonly field?: string }
  /** The pure digest of a finished subtree. */
  | { readonly subtree: NodePath };

export interface RunTotals {
  readonly leaves: number;
  readonly modelCalls: number;
  readonly reused: number;
  readonly usage: Usage;
}

export type EventBody = Fact | Decision;

/** An event as stored. `seq` counts from 1 without gaps; `at` is wall time in milliseconds. */
export type TraceEvent = EventBody & { readonly seq: number; readonly at: number };

/**
 * The rules that this build decides by: 2 hands out slices of budgets (`engine/admission.ts`), 3 ranks by
 * counted tests, asks about pairs in both orders and says why not (`engine/rules/ranking.ts`), 4 harvests
 * every branch that lost or failed, also after its node has ended (`engine/harvests.ts`). A run goes on by
 * the rules that it began with.
 */
export const RULES_VERSION = 4;
