import { expect, test } from 'vitest';
import type { KeySource, ProviderRow } from './models-config.ts';
import { readProviderKey } from './provider-key.ts';

function read(key: KeySource | undefined, env: Record<string, string> = {}): string | undefined {
  const row: ProviderRow = {
    name: 'lab',
    dialect: 'openai',
    baseUrl: 'https://lab.example/v1',
    capabilities: {},
    origin: 'config.toml:1',
    ...(key === undefined ? {} : { key }),
  };
  return readProviderKey(row, { PATH: process.env['PATH'], ...env });
}
const command = (line: string): KeySource => ({ type: 'command', line });

test('a key comes from its variable, or is the first line of its command', () => {
  expect(read(undefined)).toBeUndefined();
  expect(read({ type: 'env', name: 'LAB_KEY' }, { LAB_KEY: ' sk-1\n' })).toBe('sk-1');
  expect(read(command('echo sk-2; echo more'))).toBe('sk-2');
  expect(read(command('echo "$OTHER"'), { OTHER: 'sk-3' })).toBe('sk-3');
});

test.each([
  [{ type: 'env', name: 'LAB_KEY' } as const, 'LAB_KEY is not set, and lab needs it'],
  [command('true'), 'the key command of lab printed nothing'],
  [command('echo sk-canary; exit 3'), 'the key command of lab ended with status 3'],
  [command('echo "sk canary"'), 'the key of lab is none'],
  [command('yes sk-canary'), 'the key command of lab did not end'],
])('%j gives none, and what it printed is not shown', (key, message) => {
  expect(() => read(key)).toThrow(message);
  try {
    read(key);
  } catch (thrown) {
    expect(String(thrown)).not.toContain('canary');
  }
});
