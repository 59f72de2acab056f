/** Programs in a thread: data in, data out, ended from outside. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as worker from '../../src/workbench/exec-in-thread.ts';
import { examplesIn, runExample } from './run-example.ts';

const { execInThread } = worker;
const only = (source: string) => ({ file: 'a.star', sources: new Map([['a.star', source]]) });

const path = new URL('../../src/workbench/exec-in-thread.ts', import.meta.url);
test.each(examplesIn(readFileSync(path, 'utf8')))('example %#', (code) => runExample(code, worker));

test('globals that are data come back, and what was printed', async () => {
  const done = await execInThread({
    ...only('print(n)\ndef f(): pass\nx = {"a": [1.5, None]}\nbig = 1 << 70\n'),
    predeclared: { n: { deep: [1, 'x'] } },
  });
  expect(done).toMatchObject({
    ok: true,
    globals: { x: { a: [1.5, null] } },
    printed: ['{"deep": [1, "x"]}'],
  });
  expect(done.ok && Object.keys(done.globals)).toEqual(['x']);
});

test('an error keeps its place and its frames', async () => {
  const done = await execInThread(only('def f(x):\n    return x[3]\n\nf([1])\n'));
  expect(!done.ok && done.errors[0]).toMatchObject({
    message: 'list index 3 out of range [-1:0]',
    line: 2,
    frames: [{ name: '<toplevel>' }, { name: 'f' }],
  });
});

test('a heap that runs over ends the thread and not the process', async () => {
  const limits = { steps: 1e12, allocationBytes: 1e12 };
  const program = only('x = []\nfor i in range(1 << 30):\n    x.append([i])\n');
  const done = await execInThread({ ...program, limits, maxHeapMib: 16, maxMs: 60_000 });
  expect(!done.ok && done.errors[0]?.message).toBe('evaluation ended: more than 16 MiB');
});

test('a signal ends it', async () => {
  const limits = { steps: 1e12 };
  const program = only('for i in range(1 << 30):\n    pass\n');
  const stop = new AbortController();
  const running = execInThread({ ...program, limits, maxMs: 60_000, signal: stop.signal });
  stop.abort();
  const done = await running;
  expect(!done.ok && done.errors[0]?.message).toBe('evaluation ended: cancelled');
  expect(await execInThread({ ...program, signal: stop.signal })).toEqual(done);
});
