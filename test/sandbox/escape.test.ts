/**
 * Each attack is tried without the sandbox, where it has to work (else it would prove nothing), and
 * inside, where it must not; as root and as a user.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { type Cages, openCages, uidOf, users } from './cages.ts';
import { canConfine } from './can-confine.ts';
import { openWorld, type World } from './world.ts';

let cages: Cages;
beforeAll(() => {
  cages = openCages();
});
afterAll(() => cages[Symbol.dispose]());

const plain = (user: string, home: string): Sandbox => cages.plain(user, home);
const strict = (user: string, { base }: World): Sandbox =>
  cages.strict(user, [join(base, 'main/.git')], join(base, 'home'));

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
  describe.skipIf(!canConfine)(`as ${user}`, () => {
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
