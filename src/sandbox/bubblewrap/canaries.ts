/**
 * Tries the walls of the strict sandbox for real: ten small attacks whose targets are there, so that what
 * is held is held by the sandbox. The whole battery is `test/sandbox`; this is what a person can run.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { Sandbox } from '../sandbox.ts';

export interface Canary {
  /** Goes on from: a command cannot … */
  readonly name: string;
  /** `untried` where the program that it takes is not there. */
  readonly verdict: 'held' | 'open' | 'untried';
}

export interface CanaryParts {
  readonly sandbox: Sandbox;
  /** Of the user’s, where a folder is made and removed again. */
  readonly folder: string;
  readonly path: string;
  readonly pid: number;
  /** Used once. */
  readonly newName: () => string;
}

const CONNECT =
  'my $s; socket($s, 1, 1, 0) && connect($s, pack("Sa*", 1, "\\0$ARGV[0]")) or exit 1';
/** What the filter refuses has EPERM or ENOSYS, whatever the arguments. */
const IO_URING =
  'my $b = "\\0" x 256; exit(syscall(425, 4, $b) == -1 && ($! == 1 || $! == 38) ? 1 : 0)';
const TYPE = 'my $b = "x"; ioctl(STDOUT, 0x5412, $b); exit($! == 1 ? 1 : 0)';

/** Each exits with 0 where it works. `$1` process, `$2` port, `$3` abstract name. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'write outside of its tree': 'echo x > ../planted',
  'read files outside of its tree': 'cat ../secret',
  'reach other processes': 'kill -0 "$1"',
  'reach the network, or servers on loopback': 'exec 3<> "/dev/tcp/127.0.0.1/$2"',
  'reach abstract sockets': `perl -MSocket -e '${CONNECT}' "$3"`,
  mount: 'mount -t tmpfs none /tmp',
  'change settings of the kernel':
    'f=/proc/sys/kernel/core_pattern; cp "$f" /tmp/same && cat /tmp/same > "$f"',
  'use io_uring': `perl -e '${IO_URING}'`,
  'type into the terminal': `perl -e '${TYPE}'`,
  'see variables that it was not given':
    'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -v -e ^PATH= -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= -e "^$"',
};

const TIMEOUT_MS = 20_000;
const OUTPUT_BYTES = 16 * 1024;
const NOT_FOUND = 127;

/** @throws {Error} when the sandbox starts nothing at all: then nothing has been shown. */
export async function tryCanaries(parts: CanaryParts): Promise<readonly Canary[]> {
  const base = join(parts.folder, `canary-${parts.newName()}`);
  const tree = join(base, 'tree');
  mkdirSync(tree, { recursive: true, mode: 0o700 });
  writeFileSync(join(base, 'secret'), 'secret\n');
  const abstractName = `whaleflow-${parts.newName()}`;
  const tcp = await listen({ host: '127.0.0.1', port: 0 });
  const abstract = await listen({ path: `\0${abstractName}` });
  try {
    const { port } = tcp.address() as AddressInfo;
    const given = [String(parts.pid), String(port), abstractName];
    return await runScripts(parts, tree, given);
  } finally {
    tcp.close();
    abstract.close();
    rmSync(base, { recursive: true, force: true });
  }
}

async function runScripts(
  { sandbox, path }: CanaryParts,
  tree: string,
  given: readonly string[],
): Promise<readonly Canary[]> {
  const tries = Object.entries(SCRIPTS).map(
    ([name, script]) => `( ${script} ) > /dev/null 2>&1 < /dev/null; echo "$? ${name}"`,
  );
  // The first line shows that things do work inside.
  const program = ['echo x > made && echo control', ...tries].join('\n');
  const report = await sandbox.run(
    {
      argv: ['bash', '-c', program, 'bash', ...given],
      root: tree,
      cwd: tree,
      env: { PATH: path },
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: OUTPUT_BYTES,
      writable: [tree],
      scratch: [],
      network: false,
    },
    new AbortController().signal,
  );
  const [control, ...lines] = Buffer.concat([report.stdout.head, report.stdout.tail])
    .toString()
    .trim()
    .split('\n');
  if (control !== 'control') {
    throw new Error(`nothing runs in it: ${Buffer.from(report.stderr.head).toString().trim()}`);
  }
  return lines.map((line) => {
    const [status = '', ...words] = line.split(' ');
    const name = words.join(' ');
    // Inside there may be a folder of that name, in memory: what counts is what came of it here.
    const isWrite = name === 'write outside of its tree';
    const verdict = isWrite ? wroteInto(dirname(tree)) : verdictOf(Number(status));
    return { name, verdict };
  });
}

const wroteInto = (folder: string): Canary['verdict'] =>
  existsSync(join(folder, 'planted')) ? 'open' : 'held';

function verdictOf(status: number): Canary['verdict'] {
  if (status === NOT_FOUND) return 'untried';
  return status === 0 ? 'open' : 'held';
}

async function listen(
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end();
  });
  server.listen(where);
  await once(server, 'listening');
  return server;
}
