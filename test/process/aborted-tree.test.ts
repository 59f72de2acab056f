/** A leaf that a person does without, and whose process is deaf to SIGTERM, is in nobody's way. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell, until } from './shell.ts';

/** Says where it is, and writes until it is killed. */
const deaf = `pwd >"$1"; trap "" TERM HUP; i=0; while [ $((i+=1)) -lt 9999 ]; do echo beat >>beat.txt; sleep 0.01; done`;

test('the leaf after it finds none of its files, and its checkout goes with it', async () => {
  using shell = openShell();
  const place = join(shell.root, '..', 'place');
  const write = { kind: 'leaf', mode: 'read_write' } as const;
  const command = (argv: readonly string[]) => ({ type: 'command', purpose: 'shell', argv });
  const nodes = [
    { ...write, id: 'deaf', task: command(['sh', '-c', deaf, 'sh', place]) },
    { ...write, id: 'next', task: command(['sh', '-c', 'sleep 0.5; ls >seen.txt; pwd']) },
  ];
  shell.write('deaf.json', JSON.stringify({ id: 'deaf', goal: 'Skip one that is deaf', nodes }));
  const start = ['run', 'deaf.json', '--yes', '--allow', '*', '--sandbox', 'off', '-d'];
  const run = shell.whaleflow(...start).out.trim();
  await until(() => existsSync(place));
  expect(shell.whaleflow('skip', `${run}/deaf`).exit).toBe(0);
  shell.whaleflow('wait', run);
  const patch = shell.whaleflow('diff', run).out;
  expect(patch).toContain('seen.txt');
  expect(patch).not.toContain('beat');
  // What it had written belongs to the attempt that was skipped, and is kept.
  expect(shell.whaleflow('diff', `${run}/deaf`).out).toContain('beat.txt');
  expect(shell.whaleflow('replay', run).exit).toBe(0);
});
