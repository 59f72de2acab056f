/**
 * `apply` with a commit, and its undoing, killed (-9) within: before each call of the system that changes a
 * file, and at random times, alone or with the git that it has started. What follows, another apply or undo,
 * comes to one of two states, whole; what a killed git has locked is named; the user’s own work stays.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { simulatedSystem } from '../../src/system/simulated-system.ts';
import {
  makeTestRepository,
  type TestRepository,
} from '../../src/workspace/git/test-repository.ts';
import type { Change } from '../../src/workspace/user-tree.ts';
import { seedsOf, sliceOf } from '../soak/slice.ts';
import { buildFolder } from './driver-process.ts';
import { isAlive, until } from './shell.ts';
import { usersTree } from './users-tree.ts';

vi.setConfig({ testTimeout: 1_200_000 });

const program = join(import.meta.dirname, 'apply-driver.ts');
const shim = join(buildFolder, 'dying-process.so');
const source = join(import.meta.dirname, 'dying-process.c');
const compiled = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
const canDie = process.platform === 'linux' && compiled.status === 0;

type Verb = 'apply' | 'undo';

interface Said {
  readonly done?: string;
  readonly refused?: string;
  readonly notes?: readonly string[];
  readonly hint?: string;
  readonly conflicts?: readonly string[];
}

let repository: TestRepository;
let change: Change;
let before = '';
let head = '';
beforeEach(async () => {
  repository = await makeTestRepository({
    'a.txt': 'zero\n',
    'gone/deep/b.txt': 'b\n',
    'mine.txt': 'c\n',
    'run.sh': '#!/bin/sh\n',
  });
  const { git, write, root } = repository;
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.com');
  change = await changed((at) => {
    writeFileSync(join(at, 'a.txt'), 'one\n');
    mkdirSync(join(at, 'new/deep'), { recursive: true });
    writeFileSync(join(at, 'new/deep/x.txt'), 'x\n');
    writeFileSync(join(at, 'new/y.txt'), 'y\n'.repeat(50_000));
    symlinkSync('a.txt', join(at, 'link'));
    chmodSync(join(at, 'run.sh'), 0o755);
    rmSync(join(at, 'gone'), { recursive: true });
  });
  chmodSync(join(root, 'gone/deep'), 0o700);
  write('mine.txt', 'staged\n');
  git('add', 'mine.txt');
  write('mine.txt', 'and changed\n');
  write('mine too.txt', 'not in git\n');
  before = usersTree(root);
  head = git('rev-parse', 'HEAD');
});
afterEach(() => repository.dispose());

async function changed(work: (at: string) => void): Promise<Change> {
  const workspace = repository.workspace({ chance: nodeChance });
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  work(tree.root);
  const { commit: to } = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.retire('run1');
  return { from: commit, to };
}

function begin(verb: Verb, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { root, cacheFolder, folder } = repository;
  const wish = {
    ...{ repositoryRoot: root, cacheFolder, journalFolder: join(folder, 'applies') },
    ...{ home: join(folder, 'home'), change, verb },
  };
  return spawn(process.execPath, [program, JSON.stringify(wish)], {
    env: { ...process.env, NODE_COMPILE_CACHE: buildFolder, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

interface Ended {
  readonly said: Said;
  readonly isKilled: boolean;
}

/** `onBegin`: called once it has begun. */
async function ended(child: ChildProcess, onBegin: () => void = () => {}): Promise<Ended> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    if (text === '') onBegin();
    text += chunk.toString();
  });
  const signal = await new Promise((resolve) =>
    child.once('close', (_, killedBy) => resolve(killedBy)),
  );
  const said = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as Said;
  return { said, isKilled: signal === 'SIGKILL' };
}

/** As a person does it: what a message names as left behind by a killed git is removed, as it says. */
async function carryOut(verb: Verb, where: unknown): Promise<Said> {
  for (let time = 0; time < 3; time += 1) {
    const { said } = await ended(begin(verb));
    if (said.refused === undefined) return said;
    const locks = locksOf();
    expect([where, said, locks.length > 0]).toEqual([where, said, true]);
    const named = /rm (\S+\.lock)/.exec(said.hint ?? '')?.[1] ?? '';
    expect(locks, `${where} ${JSON.stringify(said)}`).toContain(named);
    rmSync(named);
  }
  throw new Error('refused again and again');
}

/** Of git, in the repository. */
function locksOf(): readonly string[] {
  const folder = join(repository.root, '.git');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lock'))
    .map((name) => join(folder, name));
}

const gitFolder = (): string => join(repository.root, '.git');

/** After a kill: one of the two ways on, and back to where it all began. */
async function goOn(way: Verb, where: unknown): Promise<void> {
  const { git, root } = repository;
  if (way === 'undo') {
    await carryOut('undo', where);
    // A lock that a killed git has left on a branch is in the way of no undo that moves none.
    for (const lock of locksOf()) rmSync(lock);
    expect([where, usersTree(root)]).toEqual([where, before]);
    expect([where, git('rev-parse', 'HEAD')]).toEqual([where, head]);
  }
  await carryOut('apply', where);
  const names = git('show', '--name-status', '--format=', '--no-renames');
  expect([where, names]).toEqual([where, WHOLE]);
  expect([where, git('rev-parse', 'HEAD^')]).toEqual([where, head]);
  const status = git('--no-optional-locks', 'status', '--porcelain');
  expect([where, status]).toEqual([where, 'MM mine.txt\n?? "mine too.txt"']);
  await carryOut('undo', where);
  expect([where, usersTree(root)]).toEqual([where, before]);
  expect([where, leftovers()]).toEqual([where, []]);
}

/** Of our own, beside what is the user’s. */
const leftovers = (): readonly string[] =>
  readdirSync(gitFolder(), { encoding: 'utf8' }).filter((name) => /whaleflow|index\./.test(name));

const WHOLE = [
  'M\ta.txt',
  'D\tgone/deep/b.txt',
  'A\tlink',
  'A\tnew/deep/x.txt',
  'A\tnew/y.txt',
  'M\trun.sh',
].join('\n');

const MAX_CALLS = 400;
const wayOf = (number: number): Verb => (number % 2 === 0 ? 'undo' : 'apply');

/** Every call in a soak; in a build some of them, others in each commit. */
const calls = sliceOf(5, MAX_CALLS);

test.skipIf(!canDie).each(['apply', 'undo'] as const)(
  '%s, killed before a call of the system that changes a file',
  async (verb) => {
    const places = calls.count === MAX_CALLS || calls.isOne ? seedsOf(calls) : someCalls();
    for (const at of places) {
      if (verb === 'undo') await carryOut('apply', at);
      const env = { LD_PRELOAD: shim, DIE_BELOW: repository.folder, DIE_AT: `${at}` };
      const { isKilled, said } = await ended(begin(verb, env));
      expect(said.refused).toBe(undefined);
      await goOn(wayOf(at), `${verb} ${at} ${isKilled}`);
      if (!isKilled) break;
    }
  },
);

function someCalls(): readonly number[] {
  const stride = 17;
  const first = 1 + (inject('seed') % stride);
  return Array.from({ length: calls.count }, (_, index) => first + index * stride);
}

/** Ends a process and, where `isWhole`, those that it has started. Gives the latter. */
function kill(pid: number, isWhole: boolean): readonly number[] {
  // It starts no other git meanwhile.
  signal(pid, 'SIGSTOP');
  const started = childrenOf(pid);
  for (const one of [pid, ...(isWhole ? started : [])]) signal(one, 'SIGKILL');
  return started;
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const list = existsSync(file) ? readFileSync(file, 'latin1').trim() : '';
  return list === '' ? [] : list.split(' ').map(Number);
}

const kills = sliceOf(5, 300);

test('apply and undo, killed at random times, alone or with their git', async () => {
  const begun = performance.now();
  let sinceMs = begun;
  await ended(begin('apply'), () => {
    sinceMs = performance.now();
  });
  const wholeMs = performance.now() - sinceMs;
  await carryOut('undo', 'first');
  for (const seed of seedsOf(kills)) {
    const { chance } = simulatedSystem(seed);
    const random = (): number => Buffer.from(chance.bytes(4)).readUInt32LE() / 2 ** 32;
    const verb: Verb = random() < 0.7 ? 'apply' : 'undo';
    if (verb === 'undo') await carryOut('apply', seed);
    const isWhole = random() < 0.7;
    const child = begin(verb);
    const waitMs = random() * wholeMs;
    let started: readonly number[] = [];
    const { isKilled } = await ended(child, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
      started = kill(child.pid ?? 0, isWhole);
    });
    // A git that outlives it is done before a person types the next command.
    await until(() => !started.some(isAlive));
    await goOn(random() < 0.5 ? 'undo' : 'apply', `${seed} ${verb} ${isWhole} ${isKilled}`);
  }
});
