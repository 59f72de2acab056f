/**
 * Runs one process in a confined world. An implementation says its level; what it cannot confine it
 * must not claim. The process’s output is spooled by the runtime, never handed out as a file.
 */

import type { ProcessMark, StartedProcess } from './process-mark.ts';

export type SandboxLevel = 'none' | 'strict' | 'in-process';

export interface ProcessRequest {
  readonly argv: readonly string[];
  /** The tree, an absolute folder: readable as a whole; `.git` in it is never writable. */
  readonly root: string;
  /** Absolute folder at or below `root`. */
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes kept of each stream’s head and tail together; the rest is counted. */
  readonly maxOutputBytes: number;
  readonly stdin?: Uint8Array;
  /** In place of `stdin`: what it reads as it comes; its end closes the input, the end of the process ends it. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Absolute files and folders outside of `root` that this process may read: its own program. */
  readonly readable?: readonly string[];
  /** Folders at or below `root` that may be written to, and what its owner opened to it elsewhere. */
  readonly writable: readonly string[];
  /** Folders of this process alone (its home, temporary files): writable, and gone with it. */
  readonly scratch: readonly string[];
  /** Plain files in folders of `scratch`, there already, whose content outlives them. */
  readonly kept?: readonly string[];
  /** Folders from elsewhere, at empty folders below `root`: read-only. Only `strict` has them. */
  readonly mounts?: readonly { readonly from: string; readonly at: string }[];
  readonly network: boolean;
  /** Whose process it is: it and all that it starts can be found by it. */
  readonly mark?: ProcessMark;
  /** Called once, when there is a process. */
  readonly onStart?: (process: StartedProcess) => void;
  /** Called as output arrives; text is not yet printable. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;
}

export interface StreamOutput {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly totalBytes: number;
}

export interface ProcessReport {
  readonly pid: number | undefined;
  /** Null when a signal ended it or it never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** The process could not be started: why. */
  readonly spawnError?: string;
  readonly stdout: StreamOutput;
  readonly stderr: StreamOutput;
  /** Paths of linked folders, which belong to no tree, that it wrote to. */
  readonly wroteLinked?: readonly string[];
  readonly durationMs: number;
  /** What the request’s mark was to the process: the value of its variable. */
  readonly mark?: string;
}

/** Which walls they were, for the record. */
export interface SandboxIdentity {
  readonly program: string;
  readonly version: string;
  /** Digest of its profile: all that it is told, and the filter of system calls. Hex. */
  readonly profile: string;
}

export interface Sandbox {
  readonly level: SandboxLevel;
  /** Absent where nothing of that kind confines. */
  readonly identity?: SandboxIdentity;
  /**
   * Runs to the end, its own process group with it: on timeout or abort SIGTERM, after a grace period
   * SIGKILL. Nothing that carries its mark outlives it. Never rejects; what went wrong is in the report.
   */
  run(request: ProcessRequest, signal: AbortSignal): Promise<ProcessReport>;
}
