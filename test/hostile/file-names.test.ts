/** Names of files that mean harm: stored byte for byte, given back byte for byte, shown written out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { printable } from '../../src/base/printable.ts';
import { walkSearch } from '../../src/leaf/runners/search/walk-search.ts';
import {
  makeTestRepository,
  type TestRepository,
} from '../../src/workspace/git/test-repository.ts';
import { UNSAFE } from '../arbitrary/hostile-texts.ts';

const NFC = 'caf\u00e9';
const NFD = 'cafe\u0301';

/** Names as bytes; none holds a slash. */
const names: readonly Buffer[] = [
  ...[
    '\x1b]0;pwn\x07',
    '\x1b[2J\x9b31m',
    '..%2f..%2fetc%2fpasswd',
    'C:\\x',
    'user\u202etxt.exe',
    'zero\u200bwidth',
    'line\nfeed',
    '\ttab\r',
    '-rf',
    '--help',
    ' leading and trailing ',
    '"quoted" \'twice\'',
    '$(touch pwned)`id`',
    ':(exclude)*',
    '*',
    NFC,
    NFD,
    '\u{1f469}\u200d\u{1f680}',
    'x'.repeat(255),
    '\u65e5'.repeat(85),
    '\ufffd',
  ].map((name) => Buffer.from(name)),
  Buffer.from([0x6c, 0xe9, 0xff, 0xfe]),
  Buffer.from([0xed, 0xa0, 0x80]),
];

let repository: TestRepository;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n' });
});
afterEach(() => repository.dispose());

const at = (root: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/`), name]);
const sorted = (found: readonly Buffer[]): readonly string[] =>
  found.map((name) => name.toString('hex')).sort();

/** Names in a commit, as plain git sees them. */
function namesIn(commit: string, folder: string): readonly Buffer[] {
  const args = ['ls-tree', '-r', '-z', '--name-only', commit, '--', folder];
  const listed = execFileSync('git', args, { cwd: repository.root });
  const found: Buffer[] = [];
  for (let start = 0; start < listed.length; ) {
    const end = listed.indexOf(0, start);
    found.push(listed.subarray(start + folder.length, end));
    start = end + 1;
  }
  return found;
}

test('the base, a tree, a capture and a patch keep every name', async () => {
  const folder = `${repository.root}/base`;
  mkdirSync(folder);
  for (const name of names) writeFileSync(at(folder, name), 'base\n');
  const workspace = repository.workspace();
  const { commit } = await workspace.base({ run: 'run1' });
  expect(sorted(namesIn(commit, 'base/'))).toEqual(sorted(names));

  const tree = await workspace.open({ run: 'run1', tree: 'x', commit });
  const checkedOut = readdirSync(`${tree.root}/base`, { encoding: 'buffer' });
  expect(sorted(checkedOut)).toEqual(sorted(names));
  mkdirSync(`${tree.root}/left`);
  for (const name of names) {
    writeFileSync(at(`${tree.root}/left`, name), 'left\n');
    writeFileSync(at(`${tree.root}/base`, name), 'changed\n');
  }
  const left = await workspace.capture(tree, { name: 'left' });
  expect(left.files).toHaveLength(2 * names.length);
  expect(sorted(namesIn(left.commit, 'left/'))).toEqual(sorted(names));
  for (const { path } of left.files) expect(printable(path)).not.toMatch(UNSAFE);

  // The patch says the same to plain git.
  const clone = `${repository.folder}/clone`;
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', clone, commit], {
    cwd: repository.root,
  });
  execFileSync('git', ['apply', '-'], { cwd: clone, input: left.patch });
  const applied = readdirSync(`${clone}/left`, { encoding: 'buffer' });
  expect(sorted(applied)).toEqual(sorted(names));
  for (const name of names)
    expect(readFileSync(at(`${clone}/base`, name), 'utf8')).toBe('changed\n');
  await tree.release();
});

test('a search gives names that are text as they are, and no name that is none', async () => {
  mkdirSync(`${repository.root}/base`);
  for (const name of names) writeFileSync(at(`${repository.root}/base`, name), 'needle\n');
  const query = {
    text: 'needle',
    isRegex: false,
    caseSensitive: true,
    files: undefined,
    maxMatches: 100,
  };
  const result = await walkSearch(
    repository.root,
    [{ path: '' }],
    query,
    new AbortController().signal,
  );
  const { files } = result.toOutput() as { readonly files: readonly string[] };
  const isText = (name: Buffer): boolean =>
    Buffer.from(name.toString()).equals(name) && !name.toString().includes('\ufffd');
  const wanted = names.filter(isText).map((name) => Buffer.from(`base/${name}`));
  expect(sorted(files.map((name) => Buffer.from(name)))).toEqual(sorted(wanted));
});
