/**
 * What a confined process may do on macOS, in Seatbelt’s own language. Nothing is allowed that is not named
 * here; of rules that fit the last one counts. Paths are parameters, never text of the profile, so that no
 * name of a folder can end a rule.
 */
import { join } from 'node:path';
import type { ProcessRequest } from '../sandbox.ts';

export interface SeatbeltProfile {
  readonly text: string;
  /** Name in the profile → absolute path. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Programs, libraries and what they need of the system; no home, no other volume. */
const SYSTEM_FOLDERS = [
  '/Library/Apple',
  '/Library/Developer',
  '/Library/Java',
  '/System',
  '/bin',
  '/opt/homebrew',
  '/opt/local',
  '/private/var/db/dyld',
  '/private/var/db/timezone',
  '/private/var/select',
  '/sbin',
  '/usr',
] as const;

const SYSTEM_FILES = [
  '/',
  '/dev/null',
  '/dev/random',
  '/dev/urandom',
  '/dev/zero',
  '/private/etc/group',
  '/private/etc/hosts',
  '/private/etc/localtime',
  '/private/etc/passwd',
  '/private/etc/protocols',
  '/private/etc/services',
  '/private/etc/ssl',
  '/private/etc/ssl/cert.pem',
  '/private/etc/ssl/openssl.cnf',
] as const;

const WRITABLE_FILES = ['/dev/dtracehelper', '/dev/null', '/dev/zero'] as const;

/** `readable`: absolute folders and files outside of the tree. */
export function seatbeltProfile(
  request: ProcessRequest,
  readable: readonly string[],
): SeatbeltProfile {
  const { root, writable, scratch, network } = request;
  const parameters: Record<string, string> = { TREE: root, GIT: join(root, '.git') };
  const named = (prefix: string, paths: readonly string[]): readonly string[] =>
    paths.map((path, index) => {
      parameters[`${prefix}${index}`] = path;
      return `(subpath (param "${prefix}${index}"))`;
    });
  const read = named('READ_', readable);
  const write = [...named('WRITE_', writable), ...named('SCRATCH_', scratch)];
  const lines = [
    '(version 1)',
    '(deny default)',
    '(import "system.sb")',
    '(allow process-exec process-fork)',
    '(allow signal process-info* (target same-sandbox))',
    '(allow sysctl-read)',
    // Programs walk up to the root to find out where they are; names are told, contents are not.
    '(allow file-read-metadata)',
    rule('allow file-read*', [
      ...SYSTEM_FOLDERS.map((path) => `(subpath "${path}")`),
      ...SYSTEM_FILES.map((path) => `(literal "${path}")`),
    ]),
    rule('allow file-read*', ['(subpath (param "TREE"))', ...read, ...write]),
    rule('allow file-write*', [...WRITABLE_FILES.map((path) => `(literal "${path}")`), ...write]),
    // What makes the tree a repository is never written, wherever it may write besides.
    '(deny file-write* (literal (param "GIT")) (subpath (param "GIT")))',
    network ? '(allow network*)\n(system-network)' : '(deny network*)',
  ];
  return { text: `${lines.join('\n')}\n`, parameters };
}

const rule = (what: string, filters: readonly string[]): string =>
  `(${what}\n${filters.map((filter) => `  ${filter}`).join('\n')})`;
