/** Finds out whether this machine can confine processes, and makes the sandbox that does. */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProcessReport, Sandbox } from '../sandbox.ts';
import { bubblewrapSandbox } from './bubblewrap-sandbox.ts';
import { sweepPidsGroups } from './pids-group.ts';
import { DEFAULT_LIMITS, type Profile, toolchainFolders } from './profile.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { findSystemFiles } from './system-files.ts';

export interface OpenParts {
  /** Runs the launcher and the probes. */
  readonly plain: Sandbox;
  /** A folder of the user’s cache, for the filter; made when it is not there. */
  readonly folder: string;
  readonly platform: string;
  readonly machine: string;
  readonly isRoot: boolean;
  readonly home: string;
  /** Where programs are looked for. */
  readonly path: string;
  /** Programs whose prefix may be read inside: the running Node, and the one that is found on the path. */
  readonly programs: readonly string[];
  /** What else may be read inside: absolute files and folders. */
  readonly readable: readonly string[];
  /** A new name each time, fit for a folder. */
  readonly newName: () => string;
}

export type Opened =
  | { readonly sandbox: Sandbox; readonly version: string }
  | { readonly why: string; readonly hint: string };

const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['bwrap', 'bubblewrap'],
  ['bash', 'bash'],
  ['setpriv', 'util-linux'],
  ['prlimit', 'util-linux'],
];
const PROBE_TIMEOUT_MS = 10_000;
const PROBE_OUTPUT_BYTES = 8_192;
const FIRST_TO_DISABLE_USER_NAMESPACES = [0, 8] as const;

/** Never rejects but on a defect: what the machine can’t do is in the answer. */
export async function openBubblewrap(parts: OpenParts): Promise<Opened> {
  const { platform, machine } = parts;
  if (platform !== 'linux') return { why: `no sandbox for ${platform} yet`, hint: OFF };
  if (machine !== 'x64' && machine !== 'arm64') {
    return { why: `no system call filter for ${machine}`, hint: OFF };
  }
  const missing = PROGRAMS.find(([program]) => !isOnPath(program, parts.path));
  if (missing !== undefined) {
    const [program, debianPackage] = missing;
    return { why: `${program} is not installed`, hint: `apt install ${debianPackage}     ${OFF}` };
  }
  const version = await versionOf(parts);
  const filterFile = join(parts.folder, `seccomp-${machine}`);
  mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
  writeFileSync(filterFile, seccompFilter(machine), { mode: 0o600 });
  if (parts.isRoot) sweepPidsGroups();
  const sandbox = bubblewrapSandbox({
    plain: parts.plain,
    profile: profileFor(parts, version),
    filterFile,
    newGroupName: parts.isRoot ? parts.newName : undefined,
  });
  const trouble = await tryOut(sandbox, parts);
  return trouble ?? { sandbox, version: version.join('.') };
}

const OFF = 'or go without, at your own risk: --sandbox off';

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

type Version = readonly [major: number, minor: number];

async function versionOf({ plain, path }: OpenParts): Promise<Version> {
  const report = await plain.run(probe(['bwrap', '--version'], path), NEVER);
  const found = /(\d+)\.(\d+)/.exec(textOf(report.stdout));
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
}

function profileFor(parts: OpenParts, [major, minor]: Version): Profile {
  const foldersOf = (program: string) => toolchainFolders(program, parts.home);
  const [firstMajor, firstMinor] = FIRST_TO_DISABLE_USER_NAMESPACES;
  return {
    readable: [...new Set([...parts.programs.flatMap(foldersOf), ...parts.readable])],
    system: findSystemFiles(),
    limits: DEFAULT_LIMITS,
    canDisableUserNamespaces: major > firstMajor || minor >= firstMinor,
  };
}

/** Starts a program inside; why not, in words that say what to do. */
async function tryOut(
  sandbox: Sandbox,
  { path }: OpenParts,
): Promise<{ readonly why: string; readonly hint: string } | undefined> {
  const report = await sandbox.run(probe(['true'], path), NEVER);
  if (report.exitCode === 0) return undefined;
  const said = (report.spawnError ?? textOf(report.stderr)).trim();
  const known = CAUSES.find(([pattern]) => pattern.test(said));
  return { why: known?.[1] ?? 'bubblewrap does not start', hint: `it said: ${said}     ${OFF}` };
}

const CAUSES: readonly (readonly [pattern: RegExp, why: string])[] = [
  [
    /nesting depth|ENOSPC|No space left/,
    'user namespaces are switched off, or this is nested too deep',
  ],
  [/setting up uid map/, 'root lacks a capability here: this is a nested container'],
  [/Creating new namespace failed/, 'this machine allows no new namespaces'],
  [/RTM_NEWADDR|Failed to make \/ slave/, 'AppArmor or a container forbids what the sandbox needs'],
];

const NEVER = new AbortController().signal;

function probe(argv: readonly string[], path: string): Parameters<Sandbox['run']>[0] {
  return {
    argv,
    root: '/usr',
    cwd: '/usr',
    env: { PATH: path },
    timeoutMs: PROBE_TIMEOUT_MS,
    maxOutputBytes: PROBE_OUTPUT_BYTES,
    writable: [],
    scratch: [],
    network: false,
  };
}

function textOf({ head, tail }: ProcessReport['stdout']): string {
  return new TextDecoder().decode(Buffer.concat([head, tail]));
}
