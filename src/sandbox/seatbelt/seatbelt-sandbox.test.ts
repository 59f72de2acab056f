/** The profile as text, everywhere; the sandbox itself where there is one. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { noneSandbox } from '../none/none-sandbox.ts';
import { sandboxSuite } from '../sandbox.suite.ts';
import type { ProcessRequest, Sandbox } from '../sandbox.ts';
import { seatbeltProfile } from './seatbelt-profile.ts';
import { openSeatbelt, seatbeltSandbox } from './seatbelt-sandbox.ts';

const request: ProcessRequest = {
  argv: ['npm', 'test'],
  root: '/Users/ada/cache/tree',
  cwd: '/Users/ada/cache/tree/app',
  env: { PATH: '/usr/bin' },
  timeoutMs: 1_000,
  maxOutputBytes: 1_000,
  writable: ['/Users/ada/cache/tree/src'],
  scratch: ['/private/tmp/leaf/home', '/private/tmp/leaf/tmp'],
  network: false,
};
const READABLE = ['/Users/ada/.nvm/v24', '/Users/ada/code/.git'];

test('a profile denies what it does not name; the repository’s .git comes last', () => {
  expect(seatbeltProfile(request, READABLE)).toMatchInlineSnapshot(`
    {
      "parameters": {
        "GIT": "/Users/ada/cache/tree/.git",
        "READ_0": "/Users/ada/.nvm/v24",
        "READ_1": "/Users/ada/code/.git",
        "SCRATCH_0": "/private/tmp/leaf/home",
        "SCRATCH_1": "/private/tmp/leaf/tmp",
        "TREE": "/Users/ada/cache/tree",
        "WRITE_0": "/Users/ada/cache/tree/src",
      },
      "text": "(version 1)
    (deny default)
    (import "system.sb")
    (allow process-exec process-fork)
    (allow signal process-info* (target same-sandbox))
    (allow sysctl-read)
    (allow file-read-metadata)
    (allow file-read*
      (subpath "/Library/Apple")
      (subpath "/Library/Developer")
      (subpath "/Library/Java")
      (subpath "/System")
      (subpath "/bin")
      (subpath "/opt/homebrew")
      (subpath "/opt/local")
      (subpath "/private/var/db/dyld")
      (subpath "/private/var/db/timezone")
      (subpath "/private/var/select")
      (subpath "/sbin")
      (subpath "/usr")
      (literal "/")
      (literal "/dev/null")
      (literal "/dev/random")
      (literal "/dev/urandom")
      (literal "/dev/zero")
      (literal "/private/etc/group")
      (literal "/private/etc/hosts")
      (literal "/private/etc/localtime")
      (literal "/private/etc/passwd")
      (literal "/private/etc/protocols")
      (literal "/private/etc/services")
      (literal "/private/etc/ssl")
      (literal "/private/etc/ssl/cert.pem")
      (literal "/private/etc/ssl/openssl.cnf"))
    (allow file-read*
      (subpath (param "TREE"))
      (subpath (param "READ_0"))
      (subpath (param "READ_1"))
      (subpath (param "WRITE_0"))
      (subpath (param "SCRATCH_0"))
      (subpath (param "SCRATCH_1")))
    (allow file-write*
      (literal "/dev/dtracehelper")
      (literal "/dev/null")
      (literal "/dev/zero")
      (subpath (param "WRITE_0"))
      (subpath (param "SCRATCH_0"))
      (subpath (param "SCRATCH_1")))
    (deny file-write* (literal (param "GIT")) (subpath (param "GIT")))
    (deny network*)
    ",
    }
  `);
});

test('the network is allowed where the leaf has it', () => {
  const { text } = seatbeltProfile({ ...request, network: true }, []);
  expect(text).toContain('(allow network*)\n(system-network)');
  expect(text).not.toContain('(deny network*)');
});

test('a leaf that only reads may write to nothing of its tree', () => {
  const { text, parameters } = seatbeltProfile({ ...request, writable: [] }, []);
  expect(text).not.toContain('WRITE_');
  expect(Object.keys(parameters)).toEqual(['TREE', 'GIT', 'SCRATCH_0', 'SCRATCH_1']);
});

test('no name of a folder gets into the profile', () => {
  const evil = '/tmp/x") (allow default) (literal "';
  const { text, parameters } = seatbeltProfile({ ...request, root: evil, writable: [evil] }, [
    evil,
  ]);
  expect(text).not.toContain('allow default');
  expect(Object.values(parameters)).toContain(evil);
});

test('the launcher gets parameters, profile and program apart', async () => {
  let seen: readonly string[] = [];
  const plain: Sandbox = {
    level: 'none',
    async run({ argv }) {
      seen = argv;
      throw new Error('not started');
    },
  };
  const running = seatbeltSandbox({ plain, readable: [] }).run(request, AbortSignal.abort());
  await expect(running).rejects.toThrow('not started');
  const [bash, , , , , program, ...words] = seen;
  expect([bash, program]).toEqual(['/bin/bash', '/usr/bin/sandbox-exec']);
  expect(words.slice(0, 4)).toEqual([
    '-D',
    'TREE=/Users/ada/cache/tree',
    '-D',
    'GIT=/Users/ada/cache/tree/.git',
  ]);
  expect(words.slice(-3)).toEqual(['--', 'npm', 'test']);
});

describe.skipIf(process.platform === 'darwin')('it is taken only where it works', () => {
  const plain = noneSandbox({ clock: nodeClock, timers: nodeTimers });
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whaleflow-seatbelt-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const opened = (sandbox: Sandbox) =>
    openSeatbelt({ plain: sandbox, readable: [], folder, newName: () => 'probe' });

  test('not where it is not there', async () => {
    expect(await opened(plain)).toEqual({
      why: '/usr/bin/sandbox-exec does not start',
      hint: expect.stringContaining('--sandbox off'),
    });
  });

  test('not where it lets a program write where it may not; nothing is left behind', async () => {
    const open: Sandbox = {
      ...plain,
      run: ({ argv, ...rest }, signal) =>
        plain.run({ ...rest, argv: argv.slice(argv.indexOf('--') + 1) }, signal),
    };
    expect(await opened(open)).toMatchObject({ why: expect.stringContaining('confines nothing') });
    expect(await readdir(folder)).toEqual([]);
  });

  test('where a program runs and the wall holds', async () => {
    const held: Sandbox = {
      ...plain,
      run: (parts, signal) => plain.run({ ...parts, argv: ['echo', 'works'] }, signal),
    };
    expect(await opened(held)).toMatchObject({ version: 'Seatbelt', sandbox: { level: 'strict' } });
  });
});

describe.skipIf(process.platform !== 'darwin')('on macOS', () => {
  sandboxSuite('seatbelt', async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
    const folder = join(base, 'tree');
    await mkdir(folder);
    return {
      folder,
      sandbox: (graceMs) =>
        seatbeltSandbox({
          plain: noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs }),
          readable: [],
        }),
      read: (name) => readFile(join(folder, name), 'utf8').catch(() => undefined),
      close: () => rm(base, { recursive: true, force: true }),
    };
  });
});
