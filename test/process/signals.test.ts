/** Signals to a driver, in the foreground and detached: stop politely, then at once; nothing is left. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { figure } from '../soak/figure.ts';
import { IS_SOAK, sliceOf } from '../soak/slice.ts';
import { cli, isAlive, openShell, type Shell, until } from './shell.ts';

const ROUNDS = sliceOf(1, 34).count;
const TERMINALS = sliceOf(1, 50).count;
/**
 * 6 s and 300 ms, which a soak holds them to. On a busy machine a process waits for its turn: there it is
 * that the commands, which sleep for a minute, are not waited for, and those of a kill not for their 5 s.
 */
const [MAX_STOP_MS, MAX_KILL_MS] = IS_SOAK ? [8_000, 1_500] : [30_000, 4_500];
const [HIDE_CURSOR, SHOW_CURSOR] = ['\x1b[?25l', '\x1b[?25h'];

/** Deaf to SIGTERM, with a daemon that is too; the second attempt ends by itself. */
const script = `
case "$WHALEFLOW_LEAF" in *'#1 '*) ;; *) exit 0 ;; esac
trap '' TERM HUP
(setsid sh -c 'trap "" TERM HUP; echo $$ >>"$0"; exec sleep 60' "$1" &)
echo $$ >>"$1"
while [ "$(wc -l <"$1")" -lt 2 ]; do sleep 0.02; done
touch "$1.ready"
exec sleep 60`;

interface Scene extends Disposable {
  readonly shell: Shell;
  /** Processes of the command, of which none may be left. */
  alive(): readonly number[];
  ready(): Promise<unknown>;
}

function openScene(): Scene {
  const shell = openShell();
  const pids = join(shell.root, '..', 'pids');
  const argv = ['sh', '-c', script, 'sh', pids];
  const node = { kind: 'leaf', id: 'long', task: { type: 'command', purpose: 'shell', argv } };
  const next = { ...node, id: 'next', task: { ...node.task, argv: ['true'] } };
  shell.write(
    'long.json',
    JSON.stringify({ id: 'long', goal: 'Be signalled', nodes: [node, next] }),
  );
  return {
    shell,
    alive: () => readFileSync(pids, 'utf8').trim().split('\n').map(Number).filter(isAlive),
    ready: () => until(() => existsSync(`${pids}.ready`)),
    [Symbol.dispose]: () => shell[Symbol.dispose](),
  };
}

const RUN = ['run', 'long.json', '--yes', '--allow', '*'];
type Start = (scene: Scene) => Promise<Driver>;

interface Driver {
  readonly kill: (name: NodeJS.Signals) => void;
  /** Undefined where nobody is its parent. */
  readonly exit: Promise<number | null | undefined>;
  /** Resolves when it has said that it stops. */
  readonly stopping: Promise<unknown>;
}

/** In the foreground; `isHeard`: somebody reads what it says. */
const foreground =
  (isHeard: boolean): Start =>
  async ({ shell }) => {
    const words = [cli, ...RUN, '--foreground'];
    const child = spawn(process.execPath, words, { cwd: shell.root, env: shell.env });
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const stopping = new Promise((resolve) =>
      child.stderr.on('data', (text: Buffer) => {
        if (text.includes('stopped: interrupted')) resolve(text);
      }),
    );
    child.stdout.resume();
    if (!isHeard) for (const stream of [child.stdout, child.stderr]) stream.destroy();
    return { kill: (name) => void child.kill(name), exit, stopping };
  };

const detached: Start = async ({ shell }) => {
  const run = shell.whaleflow(...RUN, '-d').out.trim();
  const driven = (): number | undefined =>
    /"pid":(\d+)/.exec(shell.whaleflow('logs', run, '--json', '--level', 'debug').out)?.[1] as
      | number
      | undefined;
  await until(() => driven() !== undefined);
  const pid = Number(driven());
  const exit = (async () => void (await until(() => !isAlive(pid))))();
  return { kill: (name) => void process.kill(pid, name), exit, stopping: Promise.resolve() };
};

interface Row {
  readonly run: string;
  readonly state: string;
}

const newest = ({ shell }: Scene): Row =>
  (shell.json('ls', '--json') as { runs: readonly [Row] }).runs[0];

/** What has to hold after each. */
function check(scene: Scene): void {
  expect(scene.alive()).toEqual([]);
  const { run, state } = newest(scene);
  expect(state).toBe('stopped');
  const resumed = scene.shell.whaleflow('resume', run, '--yes');
  expect(resumed.exit, resumed.err).toBe(0);
  expect(resumed.err).toContain('kept 0 leaves ($0.00), will run 1 again');
  expect(scene.shell.whaleflow('verify', run).exit).toBe(0);
}

const ways: readonly (readonly [name: NodeJS.Signals, code: number | undefined, Start])[] = [
  ['SIGINT', 130, foreground(true)],
  ['SIGTERM', 143, foreground(false)],
  ['SIGHUP', 143, foreground(true)],
  ['SIGTERM', undefined, detached],
];

test.skipIf(process.platform !== 'linux')(
  'the first signal stops a run within 6 s: resumable, with nothing left running',
  async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const scenes: Scene[] = [];
      const stops: (() => Promise<string>)[] = [];
      for (const [name, code, start] of ways) {
        const scene = openScene();
        scenes.push(scene);
        const driver = await start(scene);
        await scene.ready();
        stops.push(async () => {
          const sent = performance.now();
          driver.kill(name);
          expect(await driver.exit).toBe(code);
          const afterMs = performance.now() - sent;
          expect(afterMs).toBeLessThan(MAX_STOP_MS);
          return `${name} ${Math.round(afterMs)} ms`;
        });
      }
      // All at once: what is measured must not wait for what is checked.
      const took = await Promise.all(stops.map((stop) => stop()));
      figure(`stopped: ${took.join(', ')}`);
      for (const scene of scenes) {
        check(scene);
        scene[Symbol.dispose]();
      }
    }
  },
  IS_SOAK ? 3_600_000 : 600_000,
);

test.skipIf(process.platform !== 'linux')(
  'the second signal kills all at once, and the run goes on from its record',
  async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, code, start] of ways.filter(([name]) => name !== 'SIGTERM')) {
        using scene = openScene();
        const driver = await start(scene);
        await scene.ready();
        driver.kill(name);
        await driver.stopping;
        const sent = performance.now();
        driver.kill(name);
        expect(await driver.exit).toBe(code);
        const afterMs = performance.now() - sent;
        figure(`killed: ${name} ${Math.round(afterMs)} ms`);
        expect(afterMs).toBeLessThan(MAX_KILL_MS);
        check(scene);
      }
    }
  },
  IS_SOAK ? 3_600_000 : 600_000,
);

test.skipIf(spawnSync('script', ['--version']).status !== 0)(
  'a terminal is as before after both: cursor, echo and line mode',
  async () => {
    const press = async (scene: Scene, keys: string): Promise<void> => {
      const line = [process.execPath, cli, ...RUN, '--foreground'].map((word) => `'${word}'`);
      const words = ['-qec', `${line.join(' ')}; echo "status $?"; stty -a`, '/dev/null'];
      const { CI: _, ...env } = scene.shell.env;
      const terminal = { ...env, TERM: 'xterm' };
      const child = spawn('script', words, { cwd: scene.shell.root, env: terminal });
      let said = '';
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
      });
      const exit = new Promise((resolve) => child.once('exit', resolve));
      await scene.ready();
      await until(() => said.includes(HIDE_CURSOR));
      child.stdin.write(keys);
      await exit;
      expect(said.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(said.lastIndexOf(HIDE_CURSOR));
      expect(said).toContain('status 130');
      expect(said).toMatch(/[^-]icanon/);
      expect(said).toMatch(/[^-]echo /);
      expect(scene.alive()).toEqual([]);
    };
    for (let round = 0; round < TERMINALS; round += 1) {
      using stopped = openScene();
      using killed = openScene();
      await Promise.all([press(stopped, '\x03s'), press(killed, '\x03\x03\x03')]);
    }
    figure(`${2 * TERMINALS} terminals as before`);
  },
  IS_SOAK ? 3_600_000 : 600_000,
);
