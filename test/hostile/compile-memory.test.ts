/** What is as large as the limits let it be stays below 256 MiB of a process, and below two seconds. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const MAX_MIB = 256;
const MAX_MS = 2000;
const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'whaleflow-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const END = '\nworkflow("w", "g", [ask("a", "x")])';
const forever = (body: string): string =>
  `x = []\ns = "x" * 1000000\nfor i in range(100000000):\n    ${body}\n${END}`;
const many = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');
const laughs = ['a0: &a0 x', many(24, (at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`)];
const MEMORY = /^WF1102 \d: too much memory$/;

const cases: readonly (readonly [name: string, file: string, source: string, said: RegExp])[] = [
  ['floats', 'w.star', forever('x.append(i * 0.5)'), MEMORY],
  ['texts', 'w.star', forever('x.append("k%d" % i)'), MEMORY],
  ['keys', 'w.yaml', many(39_000, (at) => `k${at}: 1`), /^WF1006 1: a map with more than 5000/],
  ['values', 'w.json', `{"nodes": [${'{},'.repeat(300_000)}{}]}`, /^WF1006 1: more than 100000/],
];
const others: typeof cases = [
  ['laughs', 'w.yaml', laughs.join('\n'), /^WF1008 \d: aliases grow too large/],
  ['big ints', 'w.star', forever('x.append((1 << 500) + i)'), MEMORY],
  ['bytes', 'w.star', forever('x.append(bytes("abcdefgh"))'), MEMORY],
  ['slices', 'w.star', forever('x.append(s[i:i + 20])'), MEMORY],
  ['ranges', 'w.star', forever('x.append(range(i))'), MEMORY],
  ['tuples', 'w.star', forever('x.append((i, i))'), MEMORY],
  ['dicts', 'w.star', forever('x.append({"a": i})'), MEMORY],
  ['functions', 'w.star', forever('x.append(lambda: i)'), MEMORY],
  ['sets', 'w.star', forever('x.append(set([i]))'), MEMORY],
  ['pieces', 'w.star', forever('x.append(s.split("x"))'), /too m(?:uch memory|any steps)/],
  ['items', 'w.yaml', '- 1\n'.repeat(260_000), /^WF1006 \d+: more than 40000 keys and items/],
  ['a flow', 'w.yaml', `nodes: [${'1,'.repeat(500_000)}]`, /more than 40000 keys and items/],
];

test.each(isSoak ? [...cases, ...others] : cases)('%s', (_name, file, source, said) => {
  const path = join(folder, file);
  writeFileSync(path, source);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'compile-one.ts'), path],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const took = JSON.parse(stdout);
  expect(took.said).toMatch(said);
  expect(took.rssMiB).toBeLessThan(MAX_MIB);
  expect(took.tookMs).toBeLessThan(MAX_MS);
});
