/** Files that mean harm, or were made by a machine gone wrong: each ends in one plain code, at once. */
import { cpuUsage } from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileWorkflow } from './compile.ts';
import { drawDiagnostics } from './draw-diagnostics.ts';

/** Of processor time: how long it takes on the wall is the machine’s business. */
const MAX_MS = 2000;

function codes(file: string, source: string | Uint8Array): readonly string[] {
  const before = cpuUsage();
  const compiled = compileWorkflow({ file, source });
  const { user, system } = cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  if (!('diagnostics' in compiled)) return ['compiled'];
  return [...new Set(compiled.diagnostics.map(({ code }) => code))];
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const laughs = (levels: number, width: number): string =>
  [
    'a0: &a0 x',
    ...Array.from(
      { length: levels },
      (_, level) =>
        `a${level + 1}: &a${level + 1} [${Array.from({ length: width }, () => `*a${level}`).join(', ')}]`,
    ),
  ].join('\n');

describe('yaml', () => {
  test.each<[name: string, source: string, expected: readonly string[]]>([
    ['billion laughs', laughs(9, 9), ['WF1008']],
    ['laughs within the number of aliases', laughs(24, 2), ['WF1008', 'WF1006']],
    ['an anchor that holds itself', 'a: &a [*a, *a, *a]', ['WF1006']],
    ['an alias of nothing', 'a: *nope', ['WF1001']],
    ['a flat map of 20,000 keys', lines(20_000, (index) => `k${index}: 1`), ['WF1006']],
    ['a megabyte of keys', 'a:\n'.repeat(340_000), ['WF1006']],
    ['a file of 2 MiB', 'x'.repeat(2_097_152), ['WF1006']],
    ['900 brackets', `${'['.repeat(900)}${']'.repeat(900)}`, ['WF1006']],
    ['100,000 brackets', '['.repeat(100_000), ['WF1006']],
    ['100,000 braces', '{a: '.repeat(100_000), ['WF1006']],
    ['deep indentation', lines(400, (index) => `${' '.repeat(index)}a:`), ['WF1006']],
    ['compact sequences', `${'- '.repeat(5000)}x`, ['WF1006']],
    ['explicit keys', `${'? '.repeat(5000)}x`, ['WF1006']],
    ['duplicate keys', 'id: a\nid: b', ['WF1001']],
    ['two documents', 'id: a\n---\nid: b', ['WF1001']],
    ['a tag', 'id: !!js/function "x"', ['WF1001']],
    ['an unsafe integer', 'id: 12345678901234567890', ['WF1009']],
    ['a number that is none', 'id: .nan', ['WF1009']],
    ['a key that is no text', '1: a', ['WF1004']],
    ['a prototype', '__proto__: {id: x}\nid: a', ['WF1007']],
    ['a constructor, deep down', 'id: a\nparams: {constructor: {prototype: 1}}', ['WF1007']],
    ['binary', '\u0000\u0001\u0002', ['WF1004', 'WF1001']],
    ['nothing', '', ['WF1004', 'WF1003']],
    ['an unclosed quote', 'id: "abc', ['WF1001']],
    ['unclosed templates', `id: w\ngoal: '${'{{'.repeat(100_000)}'`, ['WF1003']],
  ])('%s', (_name, source, expected) => {
    for (const code of codes('w.yaml', source)) expect(expected).toContain(code);
  });
});

describe('json', () => {
  test.each<[name: string, source: string, expected: string]>([
    ['a trailing comma', '{"id": "a",}', 'WF1001'],
    ['a comment', '{"id": "a"} // x', 'WF1001'],
    ['single quotes', "{'id': 'a'}", 'WF1001'],
    ['a bare word', '{id: 1}', 'WF1001'],
    ['more after the end', '{} {}', 'WF1001'],
    ['NaN', '{"id": NaN}', 'WF1001'],
    ['a leading zero', '{"id": 012}', 'WF1001'],
    ['a bad escape', '{"id": "\\x41"}', 'WF1001'],
    ['a raw control character', '{"id": "\u0001"}', 'WF1001'],
    ['no end', '{"id": "a', 'WF1001'],
    ['nothing', '', 'WF1001'],
    ['duplicate keys', '{"id": "a", "id": "b"}', 'WF1001'],
    ['duplicate keys, one escaped', '{"id": "a", "\\u0069d": "b"}', 'WF1001'],
    ['an unsafe integer', '{"id": 9007199254740993}', 'WF1009'],
    ['a number without bounds', '{"id": 1e999}', 'WF1009'],
    ['100,000 brackets', '['.repeat(100_000), 'WF1006'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'WF1006'],
    ['5,001 keys', `{${lines(5001, (index) => `"k${index}":1,`).slice(0, -1)}}`, 'WF1006'],
    ['a prototype', '{"__proto__": {"id": 1}}', 'WF1007'],
    ['half of a surrogate pair', '{"id": "\\ud800"}', 'WF1004'],
    ['2 MiB', ' '.repeat(2_097_152), 'WF1006'],
  ])('%s', (_name, source, expected) => {
    expect(codes('w.json', source)).toContain(expected);
  });

  test('bytes that are not UTF-8', () => {
    expect(codes('w.json', new Uint8Array([0x7b, 0xff, 0x7d]))).toEqual(['WF1001']);
  });
});

describe('plans that are large, and well-formed', () => {
  const leaf = (id: string, more: object = {}): object => ({
    kind: 'leaf',
    id,
    task: { type: 'model', prompt: 'x' },
    ...more,
  });
  const many = (count: number, make: (index: number) => object): object[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const writer = (index: number, fileScope: readonly string[]): object =>
    leaf(`l${index}`, { mode: 'read_write', fileScope, task: { type: 'agent', prompt: 'x' } });
  test.each<[name: string, nodes: readonly object[], expected: string]>([
    ['unknown references', many(6000, (at) => leaf(`l${at}`, { inputs: [`z${at}a`] })), 'WF1202'],
    ['unknown kinds', many(30_000, () => ({ kind: 'lef' })), 'WF1005'],
    ['one id', many(6000, () => leaf('a')), 'WF1201'],
    [
      'writers without end',
      [
        {
          kind: 'branch_set',
          id: 'b',
          children: many(4000, (at) => writer(at, [`src/d${at}/**`])),
        },
      ],
      'WF1304',
    ],
    [
      'braces in scopes',
      [
        {
          kind: 'branch_set',
          id: 'b',
          children: many(300, (at) => writer(at, [`${'{a,b}'.repeat(9)}/x${at}/**/y`])),
        },
      ],
      'WF1304',
    ],
    [
      'a template of many parts',
      [leaf('a', { task: { type: 'model', prompt: `{{inputs.${'a.'.repeat(50_000)}b}}` } })],
      'WF1206',
    ],
  ])('%s', (_name, nodes, expected) => {
    const source = JSON.stringify({ id: 'w', goal: 'g', budget: { maxLeaves: 1_000_000 }, nodes });
    expect(codes('w.json', source)).toContain(expected);
  });
});

test('nothing pollutes a prototype', () => {
  codes('w.json', '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
  codes('w.yaml', '__proto__: {polluted: 1}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('what is drawn of a hostile file moves no cursor', () => {
  const source = 'id: "\u001b[2J\u202e"\n\u009b31m: \u0007';
  const compiled = compileWorkflow({ file: 'w\u001b[31m.yaml', source });
  if (!('diagnostics' in compiled)) throw new Error('compiled');
  const drawn = drawDiagnostics(compiled.diagnostics, { source: () => source });
  expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('past 20 diagnostics only their number is said', () => {
  const source = `id: w\ngoal: g\nnodes:\n${lines(30, () => '  - {kind: leef}')}`;
  const compiled = compileWorkflow({ file: 'w.yaml', source });
  if (!('diagnostics' in compiled)) throw new Error('compiled');
  const drawn = drawDiagnostics(compiled.diagnostics, { source: () => source });
  expect(drawn).toMatch(/… and \d+ more problems$/);
});

test('no text whatever makes a front end throw', () => {
  const pieces = fc.constantFrom(
    ...['{', '}', '[', ']', ':', ',', '"', "'", '\n', '  ', '- ', '? ', '&a ', '*a', '|', '>', '#'],
    ...['id', 'nodes', 'kind', 'leaf', '1', 'null', '!!x ', '%', '@', '\\', '\ud800', '{{', '}}'],
  );
  const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, fc.constantFrom('w.yaml', 'w.json'), (source, file) => {
      const compiled = compileWorkflow({ file, source });
      if ('diagnostics' in compiled)
        drawDiagnostics(compiled.diagnostics, { source: () => source });
    }),
    { numRuns: 2000 },
  );
});
