/** A repository with two trees, a home with a key, servers and a process: what attacks go for. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

export interface World {
  readonly base: string;
  readonly canary: string;
  readonly hostPid: number;
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly abstractName: string;
  exists(name: string): boolean;
  read(name: string): string;
  hasDatagram(): Promise<boolean>;
  /** Whether a file still changes. */
  isBeating(name: string): Promise<boolean>;
  close(): void;
}

/** `uid`: whose the process is. */
export async function openWorld(uid: number | undefined): Promise<World> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-escape-')));
  makeFiles(base);
  const canary = `canary-${process.pid}-${Date.now()}`;
  // A process of the machine with a secret in its environment; it ends by itself.
  const host = spawn('sleep', ['120'], {
    env: { ...process.env, WF_CANARY: canary },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const abstractName = `whaleflow-escape-${process.pid}-${Date.now()}`;
  const tcp = await listen({ host: '127.0.0.1', port: 0 });
  const file = await listen({ path: join(base, 'leaf1/src/server.sock') });
  chmodSync(join(base, 'leaf1/src/server.sock'), 0o777);
  const abstract = await listen({ path: `\0${abstractName}` });
  const udp = createSocket('udp4');
  let datagrams = 0;
  udp.on('message', () => {
    datagrams += 1;
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  return {
    base,
    canary,
    hostPid: host.pid ?? 0,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    abstractName,
    exists: (name) => existsSync(join(base, name)),
    read: (name) => readFileSync(join(base, name), 'utf8'),
    hasDatagram: async () => {
      await after(50);
      return datagrams > 0;
    },
    isBeating: async (name) => {
      const before = readFileSync(join(base, name), 'utf8');
      await after(300);
      return readFileSync(join(base, name), 'utf8') !== before;
    },
    close: () => closeAll(base, host, [tcp, file, abstract], udp),
  };
}

function makeFiles(base: string): void {
  const git = (cwd: string, ...words: readonly string[]): void => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
    execFileSync('git', [...who, ...words], { cwd, stdio: 'ignore' });
  };
  const main = join(base, 'main');
  mkdirSync(join(main, 'src'), { recursive: true });
  git(main, 'init', '-q');
  writeFileSync(join(main, 'README.md'), 'readme\n');
  writeFileSync(join(main, 'src/code.ts'), 'code\n');
  git(main, 'add', '.');
  git(main, 'commit', '-qm', 'first');
  for (const tree of ['leaf1', 'leaf2']) {
    git(main, 'worktree', 'add', '-q', '--detach', join(base, tree));
  }
  mkdirSync(join(base, 'home/.ssh'), { recursive: true });
  writeFileSync(join(base, 'home/.ssh/id'), 'key\n');
  writeFileSync(join(base, 'outside.txt'), 'outside\n');
  // Others too may come here: the attacks run as root and as nobody.
  execFileSync('chmod', ['-R', 'a+rwX', base]);
}

async function listen(
  where: { readonly path: string } | { host: string; port: number },
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end();
  });
  server.listen(where);
  await once(server, 'listening');
  return server;
}

function closeAll(base: string, host: ChildProcess, servers: readonly Server[], udp: Socket): void {
  host.kill('SIGKILL');
  for (const server of servers) server.close();
  udp.close();
  rmSync(base, { recursive: true, force: true });
}
