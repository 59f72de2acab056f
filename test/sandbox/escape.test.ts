/**
 * Each attack is tried without the sandbox, where it has to work (else it would prove nothing), and
 * inside, where it must not; as root and as a user.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bubblewrapSandbox } from '../../src/sandbox/bubblewrap/bubblewrap-sandbox.ts';
import { DEFAULT_LIMITS } from '../../src/sandbox/bubblewrap/profile.ts';
import { seccompFilter } from '../../src/sandbox/bubblewrap/seccomp-filter.ts';
import { findSystemFiles } from '../../src/sandbox/bubblewrap/system-files.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { openWorld, type World } from './world.ts';

const isHere = spawnSync('bwrap', ['--version']).status === 0;
const isRoot = process.getuid?.() === 0;
const users = isRoot ? (['root', 'nobody'] as const) : (['the user'] as const);
const NOBODY = 65_534;

const uidOf = (user: string): number | undefined => (user === 'nobody' ? NOBODY : undefined);

let folder = '';
let count = 0;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-filter-')));
  execFileSync('chmod', ['755', folder]);
  writeFileSync(join(folder, 'filter'), seccompFilter(process.arch as 'x64'), { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** No confinement, but as another user and with an open folder that nobody closed. */
function plain(user: string, home: string): Sandbox {
  const inner = noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs: 1_000 });
  const leak = ['bash', '-c', 'exec 7< "$0"; exec "$@"', home];
  const as =
    user === 'nobody'
      ? ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups']
      : [];
  return {
    level: 'none',
    run: (request, signal) =>
      inner.run({ ...request, argv: [...as, ...leak, ...request.argv] }, signal),
  };
}

function strict(user: string, { base }: World): Sandbox {
  return bubblewrapSandbox({
    plain: plain(user, join(base, 'home')),
    profile: {
      readable: [join(base, 'main/.git')],
      system: findSystemFiles(),
      limits: { ...DEFAULT_LIMITS, dataBytes: 512 * 2 ** 20, scratchBytes: 64 * 2 ** 20 },
      canDisableUserNamespaces: true,
    },
    filterFile: join(folder, 'filter'),
    newGroupName: user === 'root' ? () => `escape-${process.pid}-${++count}` : undefined,
  });
}

async function isEscaping(attack: Attack, sandbox: Sandbox, world: World): Promise<boolean> {
  const root = join(world.base, 'leaf1');
  const report = await sandbox.run(
    {
      argv: ['sh', '-c', `${attack.script(world)}\necho CONTROL`],
      root,
      cwd: root,
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
      timeoutMs: 30_000,
      maxOutputBytes: 64 * 1024,
      writable: [join(root, 'src')],
      scratch: [],
      network: false,
    },
    new AbortController().signal,
  );
  const text = Buffer.concat([report.stdout.head, report.stdout.tail]).toString();
  const errors = Buffer.concat([report.stderr.head, report.stderr.tail]).toString();
  // Without this a sandbox that can’t start anything would look safe.
  expect(text, errors).toContain('CONTROL');
  return (await attack.hasEscaped?.(world)) ?? text.includes('ESCAPED');
}

for (const user of users) {
  describe.skipIf(!isHere)(`as ${user}`, () => {
    test('work goes on inside: read, write in scope, git status, a program of the toolchain', async () => {
      const world = await openWorld(uidOf(user));
      try {
        const work: Attack = {
          row: 0,
          name: 'work',
          script: () =>
            'cat README.md > /dev/null && echo x > src/made && git status --porcelain | grep -q src/made && echo ESCAPED',
        };
        expect(await isEscaping(work, strict(user, world), world)).toBe(true);
        expect(world.exists('leaf1/src/made')).toBe(true);
      } finally {
        world.close();
      }
    });

    for (const attack of ATTACKS) {
      test(`${attack.row}: ${attack.name}`, async () => {
        const inside = await openWorld(uidOf(user));
        try {
          expect(await isEscaping(attack, strict(user, inside), inside)).toBe(false);
        } finally {
          inside.close();
        }
        if (attack.uncontrolled !== undefined) return;
        if (attack.needsRoot === true && user !== 'root') return;
        const outside = await openWorld(uidOf(user));
        try {
          const free = plain(user, join(outside.base, 'home'));
          expect(await isEscaping(attack, free, outside)).toBe(true);
        } finally {
          outside.close();
        }
      });
    }
  });
}
