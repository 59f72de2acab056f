import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { etcFolderIn } from './etc-folder.ts';
import { findSystemFiles } from './system-files.ts';

let folder = '';
let count = 0;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-etc-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newName = (): string => `n${++count}`;

test.skipIf(process.platform !== 'linux')('holds what this machine has, once', () => {
  const { files } = findSystemFiles();
  const made = etcFolderIn(folder, files, newName);
  expect(made).toBeDefined();
  for (const name of ['passwd', 'hosts']) {
    expect(readFileSync(join(made ?? '', name))).toEqual(readFileSync(`/etc/${name}`));
  }
  expect(readFileSync(join(made ?? '', 'resolv.conf'), 'utf8')).toBe('');
  expect(readdirSync(made ?? '')).not.toContain('shadow');
  expect(etcFolderIn(folder, files, newName)).toBe(made);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('is another one when a file has changed, and keeps links as they are', () => {
  const etc = join(folder, 'etc');
  const cache = join(folder, 'cache');
  mkdirSync(etc);
  mkdirSync(cache);
  writeFileSync(join(etc, 'hosts'), 'one\n');
  symlinkSync('/usr/share/zoneinfo/UTC', join(etc, 'localtime'));
  const files = ['hosts', 'localtime'].map((name) => join(etc, name));
  const first = etcFolderIn(cache, files, newName, etc) ?? '';
  expect(readFileSync(join(first, 'hosts'), 'utf8')).toBe('one\n');
  expect(readlinkSync(join(first, 'localtime'))).toBe('/usr/share/zoneinfo/UTC');
  utimesSync(join(etc, 'hosts'), 1, 1);
  const second = etcFolderIn(cache, files, newName, etc);
  expect(second).toBeDefined();
  expect(second).not.toBe(first);
});

test('is not made where a link leads to what is not mounted', () => {
  const etc = join(folder, 'certs');
  mkdirSync(etc);
  symlinkSync('/nix/store/x', join(etc, 'ca.crt'));
  expect(etcFolderIn(folder, [etc], newName, folder)).toBeUndefined();
  expect(etcFolderIn(folder, [join(folder, 'none')], newName, folder)).toBeUndefined();
});
