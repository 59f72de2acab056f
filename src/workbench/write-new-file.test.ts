import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nodeChance } from '../system/node/node-chance.ts';
import { writeNewFile } from './write-new-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, pieces: Iterable<string | Uint8Array>, force = false): number =>
  writeNewFile({ path: join(folder, name), pieces, force }, nodeChance);

test('a file is written whole, for its owner only', () => {
  expect(write('a.json', ['{', new Uint8Array([0x7d]), 'ü'])).toBe(4);
  expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('{}ü');
  expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
});

test('a file that is there is kept, unless it is to be replaced', () => {
  writeFileSync(join(folder, 'b.json'), 'mine');
  expect(() => write('b.json', ['new'])).toThrow(expect.objectContaining({ code: 'WF2009' }));
  expect(readFileSync(join(folder, 'b.json'), 'utf8')).toBe('mine');
  write('b.json', ['new'], true);
  expect(readFileSync(join(folder, 'b.json'), 'utf8')).toBe('new');
});

test('one that comes while it is written is kept too', () => {
  const pieces = function* (): Iterable<string> {
    yield 'ours';
    writeFileSync(join(folder, 'c.json'), 'theirs');
  };
  expect(() => write('c.json', pieces())).toThrow(expect.objectContaining({ code: 'WF2009' }));
  expect(readFileSync(join(folder, 'c.json'), 'utf8')).toBe('theirs');
});

test('what fails in the middle leaves nothing behind', () => {
  const before = readdirSync(folder);
  const pieces = function* (): Iterable<string> {
    yield 'half';
    throw new Error('no more');
  };
  expect(() => write('d.json', pieces())).toThrow('no more');
  expect(() => write('none/e.json', ['x'])).toThrow(expect.objectContaining({ code: 'WF2003' }));
  expect(readdirSync(folder)).toEqual(before);
});
