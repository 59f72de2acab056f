/**
 * The rows of the battery that are about what comes after a command, or beside it. Each is planted from
 * within the sandbox; what we do with it must be harmless, and what one would do otherwise must not, else
 * nothing is shown.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../src/base/printable.ts';
import { searchTree } from '../../src/leaf/runners/search-runner.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { canWalk } from '../../src/tool/files/descriptor-walk.ts';
import { walkingFiles } from '../../src/tool/files/walking-files.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { UNSAFE } from '../arbitrary/hostile-texts.ts';
import { heldBytes } from '../held-bytes.ts';
import { AFTERMATHS, type Aftermath, openPlace, type Place, plant } from './aftermath.ts';
import { ATTACKS } from './attacks.ts';
import { type Cages, openCages, users } from './cages.ts';
import { canConfine } from './can-confine.ts';

let cages: Cages;
beforeAll(() => {
  cages = openCages();
});
afterAll(() => cages[Symbol.dispose]());

const NOTHING: Aftermath = {
  row: 0,
  name: 'nothing',
  plant: 'true',
  ours: async () => {},
  naive: () => {},
};

const cageOf = (user: string, { repository }: Place) =>
  cages.strict(user, [join(repository.root, '.git')], repository.folder);

async function within<T>(attack: Aftermath, use: (place: Place) => Promise<T>): Promise<T> {
  const place = await openPlace(attack);
  try {
    return await use(place);
  } finally {
    await place.close();
  }
}

/** Rows that are tried here one by one, below. */
const OTHERS = [27, 38, 39, 41, 42];

test('with the attacks on the sandbox itself all 42 rows are tried', () => {
  const rows = [...ATTACKS, ...AFTERMATHS].map(({ row }) => row).concat(OTHERS);
  expect([...new Set(rows)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 42 }, (_, index) => index + 1),
  );
});

for (const user of users) {
  describe.skipIf(!canConfine)(`as ${user}`, () => {
    for (const attack of AFTERMATHS) {
      test(`${attack.row}: ${attack.name}`, async () => {
        await within(attack, async (place) => {
          await plant(place, cageOf(user, place), attack.plant);
          expect(place.hasSung(), 'while it was planted').toBe(false);
          await attack.ours(place).catch((refusal: { readonly code?: string }) => {
            expect(refusal.code).toBe('WF6003');
          });
          expect(place.hasSung(), 'afterwards').toBe(false);
        });
        await within(attack, async (place) => {
          await plant(place, cageOf(user, place), attack.plant);
          attack.naive(place);
          expect(place.hasSung(), 'done otherwise').toBe(true);
        });
      });
    }

    test('4: a tree of ours never holds a hard link, new or used before', async () => {
      await within(NOTHING, async (place) => {
        const { workspace, tree } = place;
        const linked = (): readonly string[] =>
          execFileSync('find', [tree.root, '-type', 'f', '-links', '+1'], { encoding: 'utf8' })
            .split('\n')
            .filter((line) => line !== '');
        expect(linked()).toEqual([]);
        await plant(place, cageOf(user, place), 'ln a.txt twin && ln src/b.txt src/twin');
        expect(linked()).toHaveLength(4);
        await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
          code: 'WF6003',
        });
        await tree.release();
        await workspace.open({ run: 'run1', tree: '', commit: tree.commit });
        expect(linked()).toEqual([]);
      });
    });

    test('27: output without end is cut, counted and ended', async () => {
      await within(NOTHING, async (place) => {
        const before = heldBytes();
        const request = {
          argv: ['yes', 'x'.repeat(1_000)],
          root: place.tree.root,
          cwd: place.tree.root,
          env: { PATH: '/usr/bin:/bin' },
          timeoutMs: 1_500,
          maxOutputBytes: 64 * 1024,
          writable: [],
          scratch: [],
          network: false,
        };
        const report = await cageOf(user, place).run(request, new AbortController().signal);
        expect(report).toMatchObject({ timedOut: true, exitCode: null });
        // It did flood; and little of it is anywhere now.
        expect(report.stdout.totalBytes).toBeGreaterThan(8 * 2 ** 20);
        expect(report.stdout.head.length + report.stdout.tail.length).toBe(64 * 1024);
        expect(heldBytes() - before).toBeLessThan(32 * 2 ** 20);
      });
    });

    test.skipIf(!canWalk())('38: a folder that becomes a link while a tool writes', async () => {
      const swap = (outside: string): string =>
        `mkdir -p swap; perl -e 'my $end = time + 3; while (time < $end) { rename "swap", "aside"; symlink "${outside}", "swap"; unlink "swap"; rename "aside", "swap" }'; rm -rf swap aside`;
      const leaksBy = (write: (root: string, path: string) => void): Promise<boolean> =>
        within(NOTHING, async (place) => {
          const outside = join(place.repository.folder, 'outside');
          mkdirSync(outside);
          const { root } = place.tree;
          const swapping = plant(place, cageOf(user, place), swap(outside));
          let isOver = false;
          void swapping.finally(() => {
            isOver = true;
          });
          while (!isOver) {
            for (let count = 0; count < 200; count += 1) {
              try {
                write(root, 'swap/planted');
              } catch {
                // A link just then, or gone.
              }
            }
            await new Promise((next) => setImmediate(next));
          }
          await swapping;
          return existsSync(join(outside, 'planted'));
        });
      let count = 0;
      const text = new TextEncoder().encode('x');
      expect(
        await leaksBy((root, path) => walkingFiles(root, () => `.n${++count}`).write(path, text)),
      ).toBe(false);
      const naive = (root: string, path: string): void => {
        const file = resolve(root, path);
        if (file.startsWith(root)) writeFileSync(file, text);
      };
      expect(await leaksBy(naive)).toBe(true);
    });

    test('39: words of a model that are options, programs or more than one line', async () => {
      const hasRipgrep = spawnSync('rg', ['--version']).status === 0;
      const evil = `printf '#!/bin/sh\\necho x >> "$SONG"\\n' > evil; sed -i "s#.SONG#$SONG#" evil; chmod +x evil`;
      await within(NOTHING, async (place) => {
        await plant(place, cageOf(user, place), evil);
        const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
        const world = { root: place.tree.root, sandbox, path: process.env['PATH'] };
        for (const text of ['--pre=./evil', '--pre', '-f/etc/passwd', '$(./evil)', '`./evil`']) {
          const query = { text, isRegex: false, caseSensitive: true, files: undefined };
          await searchTree({ ...query, maxMatches: 9 }, world, new AbortController().signal);
          // What a tool hands to a command is one word of it, never more.
          const argv = ['printf', '%s', text];
          const request = {
            argv,
            root: world.root,
            cwd: world.root,
            env: { PATH: '/usr/bin:/bin' },
          };
          const limits = { timeoutMs: 9_000, maxOutputBytes: 4_096, network: false };
          const report = await cageOf(user, place).run(
            { ...request, ...limits, writable: [], scratch: [] },
            new AbortController().signal,
          );
          expect(Buffer.from(report.stdout.head).toString()).toBe(text);
        }
        expect(place.hasSung()).toBe(false);
        const cwd = place.tree.root;
        if (hasRipgrep) spawnSync('rg', ['--pre=./evil', 'x', '.'], { cwd });
        else spawnSync('sh', ['-c', 'grep $(./evil) a.txt'], { cwd });
        expect(place.hasSung()).toBe(true);
      });
    });

    test('41: names that write on screens', async () => {
      await within(NOTHING, async (place) => {
        const names = [
          '\\x1b]0;pwn\\x07',
          '..%%2f..%%2fx',
          'a\\xe2\\x80\\xaetxt.exe',
          '\\xff\\xfe',
        ];
        const script = names.map((name) => `touch -- "$(printf '${name}')"`).join('\n');
        await plant(place, cageOf(user, place), script);
        const { files } = await place.workspace.capture(place.tree, { name: 'leaf#1' });
        expect(files).toHaveLength(names.length);
        for (const { path } of files) expect(printable(path)).not.toMatch(UNSAFE);
        // Named as they are, they would.
        expect(readdirSync(place.tree.root).some((name) => UNSAFE.test(name))).toBe(true);
      });
    });
  });
}

test('42: two writers of the same files in one tree are refused before anything runs', () => {
  const writer = (id: string, scope: string) =>
    ({
      kind: 'leaf',
      id,
      mode: 'read_write',
      fileScope: [scope],
      task: { type: 'command', argv: ['touch', id] },
    }) as const;
  const together = (a: string, b: string) =>
    parseWorkflow({
      id: 'w',
      goal: 'g',
      nodes: [{ kind: 'branch_set', id: 'b', children: [writer('x', a), writer('y', b)] }],
    });
  const codes = (parsed: ReturnType<typeof parseWorkflow>): readonly string[] =>
    'spec' in parsed ? [] : parsed.diagnostics.map(({ code }) => code);
  expect(codes(together('src/**', 'src/a.ts'))).toContain('WF1304');
  expect(codes(together('src/**', 'docs/**'))).toEqual([]);
});
