import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LINES = 20;
const WIDTH = 150_001;

/** Says numbered lines on a pipe that does not block, then how many bytes Node’s own stream took. */
const PROGRAM = `
  import { Socket } from 'node:net';
  import { processStream } from '${join(import.meta.dirname, 'process-stream.ts')}';
  // As somebody who shares the pipe may do: from here on a full pipe refuses.
  new Socket({ fd: 1, readable: false });
  const stream = processStream('stdout');
  for (let line = 0; line < ${LINES}; line += 1) stream.write(String(line).padEnd(${WIDTH}) + '\\n');
  process.stderr.write(String(process.stdout.bytesWritten));`;

function speaker(): ReturnType<typeof spawn> {
  const words = ['--input-type=module', '--eval', PROGRAM];
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a pipe that is full loses nothing and changes no order', async () => {
  const child = speaker();
  // Nobody reads before the program has said everything.
  const [taken] = await once(child.stderr ?? child, 'data');
  expect(Number(taken)).toBeGreaterThan(0);
  const text = await textOf(child.stdout);
  const lines = Array.from({ length: LINES }, (_, line) => `${String(line).padEnd(WIDTH)}\n`);
  expect(text).toBe(lines.join(''));
});

test('a reader that goes away ends the talk, not the program', async () => {
  const child = speaker();
  child.stdout?.destroy();
  const [status] = await once(child, 'exit');
  expect(status).toBe(0);
});
