import { expect, test } from 'vitest';
import { callFinder, type SourceRange } from './call-site.ts';

const source = `x = f(1, [a, (2, 3)], "t",
    key = {"k": [1, 2], v: 0}, *rest, more = [y for y in z])
`;

function text({ line, column, endLine, endColumn }: SourceRange): string {
  const lines = source.split('\n').slice(line - 1, endLine);
  lines[lines.length - 1] = lines.at(-1)?.slice(0, endColumn - 1) ?? '';
  return lines.join('\n').slice(column - 1);
}

test('arguments are found by the place of their call, and what is in literals', () => {
  const call = callFinder(source)({ line: 1, column: 6 });
  expect(call?.positional.map(({ range }) => text(range))).toEqual(['1', '[a, (2, 3)]', '"t"']);
  expect(call?.positional[1]?.items?.map(({ range }) => text(range))).toEqual(['a', '(2, 3)']);
  const key = call?.named.get('key');
  expect(key && text(key.key)).toBe('key');
  const inner = key?.value.entries?.get('k');
  expect(inner && text(inner.key)).toBe('"k"');
  expect(inner?.value.items?.map(({ range }) => text(range))).toEqual(['1', '2']);
  expect(key?.value.entries?.size).toBe(1);
  expect(call?.spread && text(call.spread)).toBe('*rest');
  expect(call?.named.get('more')?.value.items).toBeUndefined();
});

test('elsewhere there is no call', () => {
  const find = callFinder('f(1)\ng("');
  expect(find({ line: 1, column: 1 })).toBeUndefined();
  expect(find({ line: 3, column: 1 })).toBeUndefined();
  expect(find({ line: 2, column: 2 })?.positional).toEqual([]);
});
