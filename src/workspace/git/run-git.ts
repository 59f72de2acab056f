/**
 * The one door to git: nothing else in the product starts it. A repository is hostile input (its config,
 * attributes and hooks name programs), so every call gets an environment made from nothing, an explicit
 * git folder, pipes only, a limit on time and on bytes, and a process group of its own.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { countDoor } from '../../system/door-counts.ts';
import { firstFull } from './full-disk.ts';
import type { EnvironmentVariables, GitPlace } from './hardened-environment.ts';
import { hardenedEnvironment } from './hardened-environment.ts';

interface GitCall {
  readonly place: GitPlace;
  /** The arguments behind `git`; never read by a shell. */
  readonly args: readonly string[];
  readonly input?: Uint8Array;
  /** Exit statuses that are answers, not failures; 0 when absent. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
}

interface GitAnswer {
  readonly exit: number;
  readonly stdout: Buffer;
}

/** Calls git; rejects with WF6003, with WF7004 where its disk is full, or with the reason of an aborted signal. */
export type RunGit = (call: GitCall, signal?: AbortSignal) => Promise<GitAnswer>;

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const MAX_STDERR_BYTES = 8 * 1024;
const MAX_QUOTE_LENGTH = 2048;
const GRACE_MS = 2000;

/**
 * Makes the function through which all of git is called. Its promise is settled when the process has ended.
 * @throws {WhaleFlowError} WF6003; WF7004 on a full disk; the reason of `signal` when that was aborted.
 */
export function createRunGit(variables: EnvironmentVariables): RunGit {
  return (call, signal) => runGit(call, variables, signal);
}

/** Starts a git that is talked to over pipes for as long as its owner likes; that one ends it. */
export function startGit(
  place: GitPlace,
  args: readonly string[],
  variables: EnvironmentVariables,
): ChildProcessWithoutNullStreams {
  countDoor('processes');
  return spawn('git', args, {
    cwd: place.workTree ?? place.gitFolder,
    env: hardenedEnvironment(place, variables),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: what git may have started ends with it, and Ctrl-C is ours to handle.
    detached: true,
  });
}

async function runGit(
  call: GitCall,
  variables: EnvironmentVariables,
  signal?: AbortSignal,
): Promise<GitAnswer> {
  signal?.throwIfAborted();
  const ended = await watch(call, variables, signal);
  signal?.throwIfAborted();
  if (ended.because) throw failure(call, ended.because, ended.stderr);
  if (ended.exit === null) throw failure(call, `ended by ${ended.killedBy}`, ended.stderr);
  if (!(call.answers ?? [0]).includes(ended.exit)) {
    const { gitFolder, workTree = gitFolder, objectFolder = gitFolder } = call.place;
    const full = firstFull([gitFolder, workTree, objectFolder]);
    if (full !== undefined) throw diskFull(call, full, ended);
    throw failure(call, `exit ${ended.exit}`, ended.stderr);
  }
  return { exit: ended.exit, stdout: Buffer.concat(ended.stdout) };
}

interface Ended {
  readonly exit: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: readonly Buffer[];
  readonly stderr: Buffer;
  /** Why we ended it, or could not start it. */
  readonly because?: string;
}

function watch(call: GitCall, variables: EnvironmentVariables, signal?: AbortSignal) {
  const maxOutputBytes = call.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const timeoutMs = call.timeoutMs ?? TIMEOUT_MS;
  return new Promise<Ended>((resolve) => {
    const folder = call.place.workTree ?? call.place.gitFolder;
    const child = startGit(call.place, call.args, variables);
    let because: string | undefined;
    let graceTimer: NodeJS.Timeout | undefined;
    const stop = (reason: string) => {
      because ??= reason;
      // SIGTERM first: git removes its lock files on it.
      killGroup(child.pid, 'SIGTERM');
      graceTimer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const onAbort = () => stop('aborted');
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => stop(`no end after ${timeoutMs} ms`), timeoutMs);

    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > maxOutputBytes) stop(`more than ${maxOutputBytes} bytes of output`);
      else stdout.push(chunk);
    });
    let stderr: Buffer = Buffer.alloc(0);
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR_BYTES) stderr = Buffer.concat([stderr, chunk]);
    });
    // Git may end before it has read everything; its exit status says more than EPIPE.
    child.stdin.on('error', () => {});
    child.stdin.end(call.input);

    const end = (exit: number | null, killedBy: NodeJS.Signals | null) => {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      signal?.removeEventListener('abort', onAbort);
      resolve({ exit, killedBy, stdout, stderr, ...(because === undefined ? {} : { because }) });
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      because = whyNotStarted(error, folder);
      end(null, null);
    });
    child.once('close', end);
  });
}

/** In words: which of the two is missing, and never the error of the system as it is. */
function whyNotStarted({ code, message }: NodeJS.ErrnoException, folder: string): string {
  if (code !== 'ENOENT') return `could not be started: ${message.replace(/^spawn /, '')}`;
  if (!existsSync(folder)) return `the folder ${folder} is not there`;
  return 'not found on the path: install git 2.38 or newer';
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

function failure(call: GitCall, because: string, stderr: Buffer): WhaleFlowError {
  return new WhaleFlowError('WF6003', failureText(call, because, stderr));
}

/** Often git does not say why it could not write. */
function diskFull(call: GitCall, folder: string, { exit, stderr }: Ended): WhaleFlowError {
  const message = failureText(call, `exit ${exit}, the disk is full`, stderr);
  return new WhaleFlowError('WF7004', message, { hint: `make room: df -h ${folder}` });
}

function failureText({ args }: GitCall, because: string, stderr: Buffer): string {
  const verb = args.find((arg) => !arg.startsWith('-')) ?? '';
  const said = toQuote(stderr);
  return `${verb === '' ? 'git' : `git ${verb}`}: ${because}${said && `: ${said}`}`;
}

/** What a stranger said, in one printable line. */
function toQuote(bytes: Buffer): string {
  const text = printable(bytes.toString('utf8').trim().replaceAll(/\n+/g, ' | '));
  return text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH - 1)}…` : text;
}
