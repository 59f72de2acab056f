/** What passes through the proxy, over a real connection. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Exchange } from '../../../../model/forward-exchange.ts';
import { modelProxy } from './model-proxy.ts';

const PIECES = 40;
const PIECE_BYTES = 1 << 20;

test('a long answer that its reader takes slowly leaves no listeners behind', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  let exchange: Exchange | undefined;
  const proxy = modelProxy({
    token: 'ours',
    model: 'm',
    signal: new AbortController().signal,
    route: (asked) => {
      exchange = asked;
      return { model: 'm', provider: { name: 'none', call: () => neverAsked() } };
    },
    calls: {
      async call() {
        exchange?.begin(200, 'text/event-stream');
        for (let index = 0; index < PIECES; index += 1) {
          await exchange?.write(Buffer.alloc(PIECE_BYTES, 'x'));
        }
        return { status: 'failed', failure: { kind: 'provider', message: 'breaks off' } };
      },
    },
  });
  const server = createServer((socket) => proxy.accept(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer ours' },
    body: '{"messages":[]}',
  });
  let size = 0;
  const reading = (async () => {
    for await (const piece of answer.body ?? []) size += piece.length;
  })();
  await expect(reading).rejects.toThrow();
  expect(size).toBeGreaterThan(PIECE_BYTES);
  process.off('warning', onWarning);
  server.close();
  proxy.close();
  expect(warnings.map(({ message }) => message)).toEqual([]);
});

function neverAsked(): never {
  throw new Error('the calls of this test ask nobody');
}
