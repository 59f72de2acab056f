/**
 * The strict sandbox of macOS. It has no namespace for processes: what leaves its group outlives a command
 * until its mark is found, and other processes can be seen, though not signalled.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessReport, Sandbox } from '../sandbox.ts';
import { seatbeltProfile } from './seatbelt-profile.ts';

const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

export interface SeatbeltParts {
  /** Runs the launcher; see `noneSandbox`. */
  readonly plain: Sandbox;
  /** Absolute folders and files outside of the tree that may be read. */
  readonly readable: readonly string[];
}

/** Closes what was inherited, sets limits (blocks of 512 bytes for files), and becomes the program. */
const LAUNCHER = `
for open in /dev/fd/*; do
  number=\${open##*/}
  if [ "$number" -gt 2 ] 2> /dev/null; then eval "exec $number>&-"; fi
done
ulimit -c 0
ulimit -f 4194304
ulimit -n 4096
ulimit -u 2048
exec "$@"
`;

export function seatbeltSandbox({ plain, readable }: SeatbeltParts): Sandbox {
  return {
    level: 'strict',
    run(request, signal) {
      const { text, parameters } = seatbeltProfile(request, readable);
      const given = Object.entries(parameters).flatMap(([name, path]) => ['-D', `${name}=${path}`]);
      const confined = [SANDBOX_EXEC, ...given, '-p', text, '--', ...request.argv];
      const argv = ['/bin/bash', '-p', '-c', LAUNCHER, 'whaleflow-sandbox', ...confined];
      return plain.run({ ...request, argv }, signal);
    },
  };
}

export interface OpenSeatbeltParts extends SeatbeltParts {
  /** A folder of the user’s, in which a file is planted from inside, if that can be; made when not there. */
  readonly folder: string;
  /** A new name each time, fit for a file. */
  readonly newName: () => string;
}

export type OpenedSeatbelt =
  | { readonly sandbox: Sandbox; readonly version: string }
  | { readonly why: string; readonly hint: string };

const PROBE = {
  root: '/usr',
  cwd: '/usr',
  env: { PATH: '/usr/bin:/bin' },
  timeoutMs: 10_000,
  maxOutputBytes: 8_192,
  writable: [],
  scratch: [],
  network: false,
} as const;

const OFF = 'or go without, at your own risk: --sandbox off';

/** Starts a program inside that has to work, and tries one wall, which has to hold; never rejects. */
export async function openSeatbelt(parts: OpenSeatbeltParts): Promise<OpenedSeatbelt> {
  const sandbox = seatbeltSandbox(parts);
  mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
  const planted = join(parts.folder, `planted-${parts.newName()}`);
  const argv = ['/bin/sh', '-c', 'echo x > "$0"; echo works', planted];
  const report = await sandbox.run({ ...PROBE, argv }, new AbortController().signal);
  const isOpen = existsSync(planted);
  rmSync(planted, { force: true });
  if (isOpen) return { why: `${SANDBOX_EXEC} confines nothing here`, hint: OFF };
  if (textOf(report.stdout) === 'works\n') return { sandbox, version: 'Seatbelt' };
  const said = report.spawnError ?? textOf(report.stderr);
  return { why: `${SANDBOX_EXEC} does not start`, hint: `it said: ${said.trim()}     ${OFF}` };
}

const textOf = ({ head, tail }: ProcessReport['stderr']): string =>
  new TextDecoder().decode(Buffer.concat([head, tail]));
