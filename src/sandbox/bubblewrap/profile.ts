/**
 * What a confined process sees, as arguments of bubblewrap. Its root is built up from an allow-list,
 * never from `/`: what is not named here is not there. Order matters: a mount hides what lay below it.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { SHOWN_ROOT } from '../../base/shown-root.ts';
import type { ProcessRequest } from '../sandbox.ts';
import { visiblePath } from '../visible-path.ts';

export interface Profile {
  /** Absolute folders and files outside of the tree that may be read: toolchains, the repository’s `.git`. */
  readonly readable: readonly string[];
  /** What of these is on this machine; links of `/` into `/usr` and files of `/etc`. */
  readonly system: SystemFiles;
  readonly limits: ProcessLimits;
  /** Root can write to files of `/proc` that are the machine’s; nobody else can. */
  readonly isRoot: boolean;
  /** bubblewrap ≥ 0.8 closes nested user namespaces by a limit of its own; the filter does too. */
  readonly canDisableUserNamespaces: boolean;
}

export interface SystemFiles {
  /** `/bin` → `usr/bin` and the like; where `/bin` is a folder of its own it stands in `folders`. */
  readonly links: readonly (readonly [target: string, at: string])[];
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** A copy of `files` in one folder, mounted as `/etc` in their place. */
  readonly etc?: string;
}

export interface ProcessLimits {
  readonly processes: number;
  readonly fileBytes: number;
  readonly dataBytes: number;
  readonly openFiles: number;
  /** Of each folder in memory: `/tmp`, the home, temporary files. */
  readonly scratchBytes: number;
}

export const DEFAULT_LIMITS: ProcessLimits = {
  processes: 512,
  fileBytes: 2 ** 31,
  dataBytes: 4 * 2 ** 30,
  openFiles: 4096,
  scratchBytes: 512 * 2 ** 20,
};

/** Files and folders of `/etc` that programs need and that hold no secret. */
export const ETC_FILES = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'group',
  'host.conf',
  'hosts',
  'java',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'passwd',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
] as const;

/** Only where the network is allowed: says where names are looked up. */
const RESOLVER_FILE = '/etc/resolv.conf';

/** All but the program’s own words: `bwrap ARGUMENTS -- prlimit … -- PROGRAM`. */
export function bubblewrapArguments(request: ProcessRequest, profile: Profile): readonly string[] {
  return [
    ...isolation(request.network, profile.canDisableUserNamespaces),
    ...systemRoot(profile, request.network),
    ...[...profile.readable, ...(request.readable ?? [])].flatMap((path) => [
      '--ro-bind-try',
      path,
      path,
    ]),
    ...tree(request),
    ...request.scratch.flatMap((path) => memoryFolder(path, profile.limits)),
    ...(request.kept ?? []).flatMap((path) => ['--bind', path, path]),
    ...shownRoot(request, profile),
    ...searchPath(request, profile),
    // Folders in memory without a bound of their own: nothing is to grow in them.
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--unsetenv',
    'SHLVL',
    '--unsetenv',
    'OLDPWD',
    '--chdir',
    request.cwd,
    '--',
    ...limitArguments(profile.limits),
    '--',
    ...request.argv,
  ];
}

function isolation(hasNetwork: boolean, canDisableUserNamespaces: boolean): readonly string[] {
  return [
    '--unshare-user',
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(hasNetwork ? [] : ['--unshare-net']),
    ...(canDisableUserNamespaces ? ['--disable-userns'] : []),
    // As root all capabilities would stay without this, the mounts with them.
    '--cap-drop',
    'ALL',
    '--die-with-parent',
    '--new-session',
    '--hostname',
    'leaf',
  ];
}

function systemRoot({ system, limits, isRoot }: Profile, hasNetwork: boolean): readonly string[] {
  return [
    ...system.folders.flatMap((path) => ['--ro-bind', path, path]),
    ...system.links.flatMap(([target, at]) => ['--symlink', target, at]),
    ...(system.etc === undefined
      ? system.files.flatMap((path) => ['--ro-bind', path, path])
      : ['--ro-bind', system.etc, '/etc']),
    ...(hasNetwork ? ['--ro-bind-try', RESOLVER_FILE, RESOLVER_FILE] : []),
    '--proc',
    '/proc',
    // These stay writable inside, capabilities or not: core_pattern alone is the host.
    ...(isRoot ? ['sys', 'irq', 'bus', 'sysrq-trigger', 'fs'] : []).flatMap((name) => [
      '--ro-bind-try',
      `/proc/${name}`,
      `/proc/${name}`,
    ]),
    '--dev',
    '/dev',
    ...memoryFolder('/dev/shm', limits),
    ...memoryFolder('/tmp', limits),
  ];
}

/** Readable as a whole; writable where it may be; what makes it a repository is never. */
function tree({ root, writable, mounts = [] }: ProcessRequest): readonly string[] {
  const git = join(root, '.git');
  const isWhole = writable.length === 1 && writable[0] === root;
  return [
    ...(isWhole ? [] : ['--ro-bind', root, root]),
    ...writable.flatMap((path) => ['--bind', path, path]),
    ...mounts.flatMap(({ from, at }) => ['--ro-bind', from, at]),
    '--ro-bind-try',
    git,
    git,
  ];
}

/** The name under which a leaf is told of its tree, unless something of this machine stands there. */
function shownRoot(request: ProcessRequest, { readable }: Profile): readonly string[] {
  const { root, writable, scratch, mounts = [], kept = [] } = request;
  const others = [...readable, ...(request.readable ?? []), ...writable, ...scratch, ...kept];
  const all = [root, ...others, ...mounts.map(({ at }) => at)];
  const isTaken = all.some((path) => path === SHOWN_ROOT || path.startsWith(`${SHOWN_ROOT}/`));
  return isTaken ? [] : ['--symlink', root, SHOWN_ROOT];
}

/** Set for the process alone: what starts it is found by the path of the machine. */
function searchPath(request: ProcessRequest, profile: Profile): readonly string[] {
  const { PATH: path } = request.env;
  if (path === undefined) return [];
  const { root, readable = [], writable, mounts = [] } = request;
  const { system } = profile;
  const folders = [
    ...system.folders,
    ...system.links.map(([, at]) => at),
    ...profile.readable,
    ...readable,
    ...[root, ...writable],
    ...mounts.map(({ at }) => at),
  ];
  return ['--setenv', 'PATH', visiblePath(path, folders)];
}

/** A process that every machine could be asked for. */
const ANY_PROCESS: ProcessRequest = {
  ...{ argv: ['true'], root: '/workspace-of-a-leaf', cwd: '/workspace-of-a-leaf' },
  ...{ env: {}, timeoutMs: 0, maxOutputBytes: 0, network: false },
  ...{ writable: ['/workspace-of-a-leaf'], scratch: ['/home-of-a-leaf'] },
};

/** What confines processes here, whichever they are: equal walls have one digest. Hex. */
export function profileDigest(profile: Profile, filter: Uint8Array): string {
  const words = [ANY_PROCESS, { ...ANY_PROCESS, network: true }].map((request) =>
    bubblewrapArguments(request, profile),
  );
  return createHash('sha256').update(JSON.stringify(words)).update(filter).digest('hex');
}

function memoryFolder(path: string, { scratchBytes }: ProcessLimits): readonly string[] {
  return ['--size', String(scratchBytes), '--tmpfs', path];
}

/** Inside the user namespace, where the number of processes is counted apart from the user’s others. */
function limitArguments(limits: ProcessLimits): readonly string[] {
  return [
    'prlimit',
    `--nproc=${limits.processes}`,
    `--fsize=${limits.fileBytes}`,
    `--data=${limits.dataBytes}`,
    `--nofile=${limits.openFiles}`,
    '--core=0',
  ];
}

/**
 * What a program in `PREFIX/bin` needs of its prefix: all of it where the prefix is its own, else the
 * `bin` folder and Node’s packages. Nothing of a home but that.
 */
export function toolchainFolders(program: string, home: string): readonly string[] {
  const folder = dirname(program);
  const prefix = dirname(folder);
  if (basename(folder) !== 'bin') return [folder];
  const holdsHome = prefix === '/' || `${home}/`.startsWith(`${prefix}/`);
  const isShared = holdsHome || SHARED_PREFIXES.has(basename(prefix));
  return isShared ? [folder, join(prefix, 'lib/node_modules')] : [prefix];
}

/** Prefixes of a person rather than of one program. */
const SHARED_PREFIXES: ReadonlySet<string> = new Set(['.local', '.cargo', '.config']);
