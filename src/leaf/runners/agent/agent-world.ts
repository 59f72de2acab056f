/** What the tools of an agent may do: the rights of its leaf, and nothing else. */
import { matchesPath } from '../../../base/glob.ts';
import type { CommandAnswer, SearchWish, ToolAnswer, ToolWorld } from '../../../tool/tool.ts';
import { capped, refused } from '../../../tool/tool.ts';
import { type TreeFiles, withinTree } from '../../../tool/tree-files.ts';
import { type AgentTask, joinArgv } from '../../../workflow/task.ts';
import type { LinkedFolder } from '../../../workspace/linked-folder.ts';
import { messageOf } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { RunnerWorld } from '../../leaf-runner.ts';
import { linkedFailure } from '../../linked-watch.ts';
import { commandRefusal } from '../command-permit.ts';
import { folderBelow } from '../command-place.ts';
import { confinementHint } from '../confinement-hint.ts';
import { searchTree } from '../search-runner.ts';
import { tailText } from '../stream-text.ts';
import { type ProcessParts, runInTree } from '../tree-process.ts';

export interface AgentWorldParts extends ProcessParts {
  readonly files: (root: string) => TreeFiles;
  /** Where `rg` is looked for. */
  readonly path?: string;
  /** What trees have beside what git holds. */
  readonly linked?: readonly LinkedFolder[];
}

const COMMAND_TIMEOUT_MS = 600_000;
const STREAM_BYTES = 12 * 1024;
const MAX_MATCHES = 200;
/** Words that mean the same to bash and to us; anything else is a program for bash. */
const PLAIN_COMMAND = /^[\w@%+:,./-]+(?: +[\w@%+=:,./-]+)*$/;

export function agentWorld(
  job: LeafJob<AgentTask>,
  world: RunnerWorld & { readonly root: string },
  parts: AgentWorldParts,
): ToolWorld {
  return {
    files: parts.files(world.root),
    writeRefusal: (path) => writeRefusal(job, path),
    runCommand: (command, signal) => runCommand(job, world, { ...parts, command }, signal),
    search: (wish, signal) =>
      search(job, wish, { ...world, path: parts.path, linked: parts.linked ?? [] }, signal),
    diff: async (signal) => new TextDecoder().decode(await world.tree?.peek(signal)),
  };
}

/** Why a leaf may not change a file; undefined where it may. `path`: relative to its tree. */
export function writeRefusal({ node }: LeafJob, path: string): string | undefined {
  if (node.mode === 'read_only') return 'this leaf reads only; it may not change files';
  const { fileScope } = node;
  const plain = withinTree(path)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  if (fileScope?.some((glob) => matchesPath(glob, plain.join('/'))) ?? true) return undefined;
  return `${path} is outside of the files that this leaf may change: ${fileScope?.join(', ')}`;
}

interface Running extends AgentWorldParts {
  readonly command: string;
}

async function runCommand(
  job: LeafJob<AgentTask>,
  world: RunnerWorld & { readonly root: string },
  { command, ...parts }: Running,
  signal: AbortSignal,
): Promise<CommandAnswer> {
  const { level } = world.sandbox;
  const isPlain = PLAIN_COMMAND.test(command.trim());
  const argv = isPlain ? command.trim().split(/ +/) : ['bash', '-c', command];
  const refusal = commandRefusal(job, joinArgv(argv), level);
  if (refusal !== undefined) return refused(refusal.message);
  const place = await folderBelow(world.root, undefined);
  if ('failure' in place) return refused(place.failure.message);
  const { report, toShown } = await runInTree(
    job,
    world,
    { ...parts, ...place, argv, timeoutMs: COMMAND_TIMEOUT_MS },
    signal,
  );
  if (report.spawnError !== undefined) return refused(`cannot start: ${report.spawnError}`);
  const streams = (['stdout', 'stderr'] as const).map((name) => {
    const text = toShown(tailText(report[name], STREAM_BYTES)).trimEnd();
    return text === '' ? `${name}: (nothing)` : `${name}:\n${text}`;
  });
  const how = report.timedOut
    ? `not done after ${COMMAND_TIMEOUT_MS / 1000} s`
    : `exit status ${report.exitCode ?? `none (${report.signal})`}`;
  const hint = report.exitCode === 0 ? undefined : confinementHint(job, level, streams.join('\n'));
  const wrote = linkedFailure(report.wroteLinked);
  return {
    ...(wrote === undefined ? {} : { end: wrote }),
    text: [how, ...streams, ...(hint === undefined ? [] : [hint])].join('\n'),
    isError: report.exitCode !== 0,
    exitCode: report.exitCode,
    touched: 'any',
  };
}

async function search(
  { node }: LeafJob,
  { text, files }: SearchWish,
  world: Parameters<typeof searchTree>[1],
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const query = {
    text,
    isRegex: false,
    caseSensitive: true,
    files: files.length === 0 ? node.fileScope : files,
    maxMatches: MAX_MATCHES,
  };
  if (/[\n\r\0]/.test(text)) return refused('the text to search for is more than one line');
  try {
    const found = await searchTree(query, world, signal);
    if ('kind' in found) return refused(found.message);
    return { text: capped(found.toText()), isError: false };
  } catch (thrown) {
    return refused(`the search failed: ${messageOf(thrown)}`);
  }
}
