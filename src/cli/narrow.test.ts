/** Pages of a narrow terminal: rows stay rows, and what a person has to read or type is whole. */
import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const env = { NO_COLOR: '1' };
const narrow = { env, terminal: { columns: 24, rows: 24 } };
const features = ['--set', 'features.external_agents=true', '--set', 'features.mcp=true'];

test.each([[['providers']], [['agents']], [['workflows']]])(
  'the rows of %s fit 80 columns',
  async (words) => {
    using host = testHost({ env, terminal: { columns: 80, rows: 24 } });
    const { exit, out } = await host.run(...words, ...features);
    expect(exit).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);

test('verify says the whole of what is wrong with a trace file, and what to type', async () => {
  using host = testHost({ ...narrow, files: { 'bad.json': '{}' } });
  const { exit, out, err } = await host.run('verify', 'bad.json');
  expect(exit).toBe(9);
  using wide = testHost({ files: { 'bad.json': '{}' } });
  const whole = (await wide.run('verify', 'bad.json')).out;
  const words = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);
  expect(words(out)).toEqual(words(whole));
  expect(out.split('\n').length).toBeGreaterThan(whole.split('\n').length);
  expect(err).toContain('whaleflow export RUN -o FILE');
});

test('doctor cuts neither what it found nor what mends it', async () => {
  using host = testHost(narrow);
  const { out } = await host.run('doctor');
  expect(out).not.toContain('…');
});

test.each([40, 80])(
  'the caret of a long line stands below its word at %i columns',
  async (columns) => {
    const line = `workflow("a", "b", [${'  '.repeat(30)}branch("c", [ask("d", "e")], join = "eny")])`;
    using host = testHost({
      env,
      terminal: { columns, rows: 24 },
      files: { 'long.star': `${line}\n` },
    });
    const { out } = await host.run('check', 'long.star');
    const lines = out.split('\n');
    const at = lines.findIndex((one) => one.startsWith('1 |'));
    const [source = '', carets = ''] = lines.slice(at, at + 2);
    expect(source.length).toBeLessThanOrEqual(columns);
    const start = carets.indexOf('^');
    expect(source.slice(start, carets.lastIndexOf('^') + 1)).toBe('"eny"');
  },
);

test('the first screen of an empty folder fits 80 columns, with `npx` before its commands too', async () => {
  using host = testHost({ env, terminal: { columns: 80, rows: 24 } });
  const { out, err } = await host.run();
  const commands = (out + err).split('\n').filter((line) => line.startsWith('  whaleflow '));
  expect(commands.length).toBeGreaterThan(2);
  expect(commands.filter((line) => line.length + 'npx '.length > 80)).toEqual([]);
});

test('a provider that is not known is asked for with all that was typed', async () => {
  using host = testHost({ env });
  const { exit, err } = await host.run('providers', 'add', 'lab', '--model', 'small one');
  expect(exit).toBe(2);
  expect(err).toContain("providers add lab --base-url https://HOST/v1 --model 'small one'\n");
});
