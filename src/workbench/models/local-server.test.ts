import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { isListening } from './local-server.ts';

const STALL_MS = 1_500;

test('a process that comes to nothing for a while takes no server for a silent one', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const row = { baseUrl: `http://127.0.0.1:${port}/v1` };
  const asked = isListening(row);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
  expect(await asked).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await isListening(row)).toBe(false);
});
