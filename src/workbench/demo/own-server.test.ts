import { expect, test } from 'vitest';
import { nodeTimers } from '../../system/node/node-clock.ts';
import { ownServer } from './own-server.ts';

const ask = async (baseUrl: string): Promise<Response> =>
  fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'scripted', messages: [{ role: 'user', content: 'Sing!' }] }),
  });

test('it listens on this machine from the first call on, refuses what it has no script for, and ends', async () => {
  const own = ownServer(nodeTimers);
  const baseUrl = await own.baseUrl();
  expect(new URL(baseUrl).hostname).toBe('127.0.0.1');
  expect(await own.baseUrl()).toBe(baseUrl);
  const answer = await ask(baseUrl);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('no script answers `Sing!`');
  await own.close();
  await expect(ask(baseUrl)).rejects.toThrow();
});

test('what was never asked has nothing to end', async () => {
  await expect(ownServer(nodeTimers).close()).resolves.toBeUndefined();
});
