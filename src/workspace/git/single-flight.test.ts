import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inSingleFlight } from './single-flight.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-flight-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let names = 0;
const newName = () => {
  names += 1;
  return `n${names}`;
};
const flight = () => ({ file: join(folder, 'x.lock'), newName });

test('one at a time, whoever fails', async () => {
  let inside = 0;
  const work = (fails: boolean) => async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
    if (fails) throw new Error('no');
    return 'done';
  };
  const all = [false, true, false].map((fails) => inSingleFlight(flight(), work(fails)));
  const ends = (await Promise.allSettled(all)).map(({ status }) => status);
  expect(ends).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(readdirSync(folder)).toEqual([]);
});

/** Another process that holds it until it is killed. */
async function holder() {
  const program = `
    import { inSingleFlight } from '${new URL('./single-flight.ts', import.meta.url)}';
    const flight = { file: ${JSON.stringify(join(folder, 'x.lock'))}, newName: () => 'other' };
    await inSingleFlight(flight, () => {
      console.log('holds');
      return new Promise(() => setInterval(() => {}, 1000));
    });
  `;
  const words = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('what a killed process held is taken over, and the wait for a living one is told once', async () => {
  const child = await holder();
  let told = 0;
  const onWait = () => {
    told += 1;
    child.kill('SIGKILL');
  };
  expect(await inSingleFlight({ ...flight(), onWait }, async () => 'mine')).toBe('mine');
  expect([told, readdirSync(folder)]).toEqual([1, []]);
});

test('an aborted wait ends, and leaves the file to its holder', async () => {
  const { file } = flight();
  const child = await holder();
  const text = readFileSync(file, 'utf8');
  const stop = new AbortController();
  const onWait = () => stop.abort(new Error('enough'));
  const waiting = inSingleFlight({ ...flight(), onWait }, async () => 'mine', stop.signal);
  await expect(waiting).rejects.toThrow();
  expect(readFileSync(file, 'utf8')).toBe(text);
  child.kill('SIGKILL');
});
