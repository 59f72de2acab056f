/** One piece of talk with an agent at a time, whatever protocol it speaks. */
import type { Failure } from '../../../trace/outcome.ts';
import type { Usage } from '../../../trace/usage.ts';
import type { Verified } from '../agent/ran-command.ts';

/** What came of one prompt. */
export interface AgentTurn {
  /** What it said last, or all that it said where nothing tells the last apart. */
  readonly text: string;
  /** What it reports of this turn; absent where it reports nothing, which is not the same as nothing. */
  readonly usage?: ReportedUsage;
  /** The model that it says has answered. */
  readonly model?: string;
  readonly failure?: Failure;
}

/** Parts that are not reported are absent. */
export interface ReportedUsage {
  readonly tokens?: Usage['tokens'];
  readonly costMicroUsd?: number;
}

export interface AgentSession {
  /** Never rejects but when the host can record no more. */
  prompt(text: string, signal: AbortSignal): Promise<AgentTurn>;
  /** Commands that we ran for it, in order. */
  readonly verified: readonly Verified[];
  /** Ends what is left of it. */
  close(): Promise<void>;
}
