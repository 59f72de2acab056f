/** Nothing that came from outside reaches the terminal as more than text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickFiles, testHost } from './test-host.ts';

// Line feeds (and tabs of `--plain`) are ours; colours are off.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
const DANGEROUS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

const hostile = fc
  .array(
    fc.constantFrom(
      '\x1b[2J',
      '\x1b]0;owned\x07',
      '\r',
      '\x9b31m',
      '\u202e',
      '\u0000',
      '\x7f',
      '\n',
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `a${parts.join('b')}c`);

test('no output contains raw control characters', { timeout: 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (answer, failure, name) => {
      const rules = [
        { path: 'plan', answer },
        { path: 'attempts/small', json: { score: 0.9 } },
        { path: 'attempts/large', fail: { kind: 'refused', message: failure } },
      ];
      const fixture = JSON.stringify(rules);
      using host = testHost({ files: { ...pickFiles, 'evil.yaml': fixture } });
      const named = name.replaceAll('\0', '');
      const screens = [
        await host.run('run', 'pick.yaml', '--mock=evil.yaml', '-y', '--name', named),
        await host.run('ls'),
        await host.run('status'),
        await host.run('show', '--full'),
        await host.run('show', '@last/plan', '--full'),
        await host.run('show', '@last/attempts/large'),
        await host.run('logs', '--level', 'debug'),
        await host.run('show', '--json'),
        await host.run('show', '@last/plan', '--json'),
        await host.run('logs', '--json'),
        await host.run('show', named),
        await host.run(named),
        await host.run('ls', `--${named}`),
        await host.run('show', `@last/${named}`),
        await host.run('run', named, '-y'),
        await host.run('run', 'pick.yaml', '-y', '-a', named),
      ];
      for (const { out, err } of screens) {
        expect(out).not.toMatch(DANGEROUS);
        expect(err).not.toMatch(DANGEROUS);
      }
    }),
    { numRuns: 15 },
  );
});

test('in colour, colours are the only escape sequences', async () => {
  using host = testHost({ files: pickFiles });
  await host.run('run', 'pick.yaml', '--mock=half.yaml', '-y', '-q');
  for (const words of [['ls'], ['show'], ['status'], ['logs'], ['show', '@last/plan']]) {
    const { out, err } = await host.run(...words, '--color', 'always');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
    const plain = (out + err).replaceAll(/\x1b\[\d{1,2}m/g, '');
    expect(out).not.toBe(plain);
    expect(plain).not.toMatch(DANGEROUS);
  }
});
