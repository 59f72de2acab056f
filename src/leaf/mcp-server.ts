/**
 * A server outside that offers tools, as a leaf has it: a process of its own in the leaf’s sandbox, or an
 * address. Nothing that it says is believed: its definitions are those that a person has accepted, its
 * answers are text from a stranger.
 */
import type { JsonObject } from '../base/json.ts';

export type McpReach =
  | {
      readonly type: 'process';
      /** Program and arguments; the program is an absolute path. */
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      /** Absolute: what of the machine it may read and write in a strict sandbox. */
      readonly readable: readonly string[];
      readonly writable: readonly string[];
    }
  | { readonly type: 'http'; readonly url: string; readonly key?: string };

export interface McpServer {
  readonly name: string;
  readonly reach: McpReach;
  /** Of one call. */
  readonly callTimeoutMs: number;
  /** Until it has said what it offers. */
  readonly startTimeoutMs: number;
}

/** A tool as its server describes it: all that can change what a model makes of it. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly input: JsonObject;
  readonly output?: JsonObject;
  readonly annotations?: JsonObject;
}

export interface ServerAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** One connection; whoever opened it closes it. */
export interface McpSession {
  /** What it offers now, in its order. Rejects where it says nothing that can be used. */
  list(signal: AbortSignal): Promise<readonly ToolDefinition[]>;
  /** Rejects where the server is gone, slow, or says nothing that can be used. */
  call(tool: ToolDefinition, input: JsonObject, signal: AbortSignal): Promise<ServerAnswer>;
  /** It has said that its tools are others now. */
  readonly hasChanged: boolean;
  /** What it printed on stderr since it was last asked, its end; empty where it has none. */
  takeNotes(): string;
  /** Ends its process and all that it started. Never rejects. */
  close(): Promise<void>;
}
