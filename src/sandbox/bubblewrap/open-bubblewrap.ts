/** Finds out whether this machine can confine processes, and makes the sandbox that does. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProcessReport, Sandbox } from '../sandbox.ts';
import { bubblewrapSandbox } from './bubblewrap-sandbox.ts';
import { etcFolderIn } from './etc-folder.ts';
import { filterFileIn } from './filter-file.ts';
import { knownMachine, type MachineState } from './known-machine.ts';
import { launchArgv } from './launcher.ts';
import { sweepPidsGroups } from './pids-group.ts';
import {
  bubblewrapArguments,
  DEFAULT_LIMITS,
  type Profile,
  profileDigest,
  type SystemFiles,
  toolchainFolders,
} from './profile.ts';
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
  /** Changes with every boot. */
  readonly bootId: string;
  /** Try it out, whatever is known of this machine. */
  readonly isTrying?: boolean;
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
  const missing = PROGRAMS.find(([program]) => onPath(program, parts.path) === undefined);
  if (missing !== undefined) {
    const [program, debianPackage] = missing;
    return { why: `${program} is not installed`, hint: `apt install ${debianPackage}     ${OFF}` };
  }
  const { folder, newName } = parts;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const filterFile = filterFileIn(folder, machine, newName);
  if (parts.isRoot) sweepPidsGroups();
  const known = knownMachine(folder, newName);
  const state = machineState(parts, filterFile);
  const tried = parts.isTrying === true ? undefined : known.recall(state);
  const version = tried ?? (await versionOf(parts));
  const profile = profileFor(parts, version);
  const shown = version.join('.');
  const digest = profileDigest(profile, seccompFilter(machine));
  const sandbox = bubblewrapSandbox({
    plain: parts.plain,
    profile,
    filterFile,
    newGroupName: parts.isRoot ? newName : undefined,
    identity: { program: 'bubblewrap', version: shown, profile: digest },
  });
  const opened = { sandbox, version: shown };
  if (tried !== undefined) return opened;
  const trouble = await tryOut(sandbox, parts);
  if (trouble !== undefined) return trouble;
  known.remember(state, version);
  return opened;
}

/** Where any of this differs, it has to be tried out anew. */
function machineState(parts: OpenParts, filterFile: string): MachineState {
  const { bootId, path } = parts;
  const profile = profileFor(parts, FIRST_TO_DISABLE_USER_NAMESPACES);
  const words = bubblewrapArguments(probe(['true'], path), profile);
  const call = launchArgv({ filterFile, group: undefined }, words);
  return { bootId, bubblewrap: onPath('bwrap', path) ?? '', call };
}

const OFF = 'or go without, at your own risk: --sandbox off';

function onPath(program: string, path: string): string | undefined {
  const files = path.split(delimiter).map((folder) => join(folder, program));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

type Version = readonly [major: number, minor: number, patch?: number];

async function versionOf({ plain, path }: OpenParts): Promise<Version> {
  const report = await plain.run(probe(['bwrap', '--version'], path), NEVER);
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(textOf(report.stdout));
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  return found?.[3] === undefined ? [major, minor] : [major, minor, Number(found[3])];
}

function profileFor(parts: OpenParts, [major, minor]: Version): Profile {
  const foldersOf = (program: string) => toolchainFolders(program, parts.home);
  const [firstMajor, firstMinor] = FIRST_TO_DISABLE_USER_NAMESPACES;
  return {
    readable: [...new Set([...parts.programs.flatMap(foldersOf), ...parts.readable])],
    system: systemFor(parts),
    isRoot: parts.isRoot,
    limits: DEFAULT_LIMITS,
    canDisableUserNamespaces: major > firstMajor || minor >= firstMinor,
  };
}

function systemFor({ folder, newName }: OpenParts): SystemFiles {
  const found = findSystemFiles();
  const etc = etcFolderIn(folder, found.files, newName);
  return etc === undefined ? found : { ...found, etc };
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
