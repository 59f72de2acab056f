import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlaces } from '../places.ts';
import { type LoadedSkill, loadSkill, skillNames } from './find-skills.ts';
import { isSkillName, parseSkill } from './parse-skill.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-skills-')));
  mkdirSync(join(folder, 'repo', '.git'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string | Buffer): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const skill = (name: string, description: string): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\n# How\n`;
const here = () => {
  const env = { HOME: join(folder, 'home') };
  return { env, places: findPlaces({ cwd: join(folder, 'repo'), env }) };
};
const load = (name: string) => loadSkill(here(), name);
const descriptionOf = (found: ReturnType<typeof load>): string | undefined =>
  found !== undefined && 'description' in found ? found.description : undefined;

test('skills are found in four places, a person’s own before a repository’s', () => {
  const places = [
    'repo/.claude/skills/style',
    'repo/.whaleflow/skills/style',
    'home/.claude/skills/style',
    'home/.config/whaleflow/skills/style',
  ];
  for (const place of places) {
    write(`${place}/SKILL.md`, skill('style', place));
    expect(descriptionOf(load('style'))).toBe(place);
  }
  write('repo/.claude/skills/tests/SKILL.md', skill('tests', 'How to test'));
  write('repo/.claude/skills/empty/README.md', 'nothing');
  expect(skillNames(here())).toEqual(['style', 'tests']);
  expect(load('empty')).toBeUndefined();
  expect(load('../style')).toBeUndefined();
});

test('its files come along as text: no link, no picture, nothing of .git', () => {
  const at = 'repo/.whaleflow/skills/style';
  write(`${at}/SKILL.md`, skill('style', 'House style'));
  write(`${at}/reference/names.md`, 'Whole words.\n');
  write(`${at}/logo.png`, Buffer.from([0x89, 0x50, 0, 1]));
  write(`${at}/.git/config`, 'secret');
  write('secret.txt', 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(folder, at, 'linked.txt'));
  const found = load('style') as LoadedSkill;
  expect([...found.files.keys()]).toEqual(['SKILL.md', 'reference/names.md']);
  expect(found).toMatchObject({ from: 'repository', description: 'House style' });
});

test('a repository’s skill lies in the repository, a person may link theirs', () => {
  write('elsewhere/SKILL.md', skill('linked', 'Far away'));
  mkdirSync(join(folder, 'repo/.claude/skills'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'repo/.claude/skills/linked'));
  expect(load('linked')).toEqual({ problem: expect.stringContaining('leaves the repository') });
  mkdirSync(join(folder, 'home/.claude/skills'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'home/.claude/skills/linked'));
  expect(descriptionOf(load('linked'))).toBe('Far away');
});

test.each([
  ['a file too large', 'big.md', Buffer.alloc(256 * 1024 + 1, 'x'), 'big.md is larger than'],
  ['a text that is none', 'SKILL.md', Buffer.from([0xff, 0xfe]), 'no plain UTF-8 file'],
])('%s is a problem', (_name, file, data, why) => {
  write('repo/.whaleflow/skills/style/SKILL.md', skill('style', 'House style'));
  write(`repo/.whaleflow/skills/style/${file}`, data);
  expect(load('style')).toEqual({ problem: expect.stringContaining(why) });
});

test('sizes are bounded', () => {
  write('repo/.whaleflow/skills/style/SKILL.md', skill('style', 'House style'));
  for (let index = 0; index < 5; index += 1) {
    write(`repo/.whaleflow/skills/style/${index}.md`, 'x'.repeat(250 * 1024));
  }
  expect(load('style')).toEqual({ problem: expect.stringContaining('larger than 1048576 bytes') });
  write('repo/.whaleflow/skills/many/SKILL.md', skill('many', 'Many files'));
  for (let index = 0; index < 64; index += 1) write(`repo/.whaleflow/skills/many/${index}.md`, 'x');
  expect(load('many')).toEqual({ problem: expect.stringContaining('more than 64 files') });
});

test('a description is one line, other fields are let be', () => {
  const text =
    '---\r\nname: a\r\nlicense: MIT\r\ndescription: >\r\n  Two\r\n  lines\r\n---\r\nbody';
  expect(parseSkill('a', text)).toEqual({ description: 'Two lines' });
});

test.each([
  ['no front matter', '# Title', 'does not begin'],
  ['front matter without end', '---\nname: a\n', 'does not begin'],
  ['no YAML', '---\nname: [a\n---\n', 'no YAML'],
  ['a list', '---\n- a\n---\n', 'name no fields'],
  ['another name', skill('b', 'x'), 'calls itself "b"'],
  ['no name', '---\ndescription: x\n---\n', 'calls itself null'],
  ['no description', '---\nname: a\n---\n', 'no description'],
  ['a description that is none', '---\nname: a\ndescription: 7\n---\n', 'no description'],
  ['a long description', skill('a', 'x'.repeat(1_025)), 'longer than 1024'],
  ['aliases', '---\nname: &x a\ndescription: *x\n---\n', 'first lines'],
])('%s is refused', (_name, text, why) => {
  expect(parseSkill('a', text)).toEqual({ problem: expect.stringContaining(why) });
});

test.each(['a', 'house-style', 'v2', 'x'.repeat(64)])('%s is a name', (name) =>
  expect(isSkillName(name)).toBe(true),
);
test.each(['', 'A', 'a b', '-a', 'a--b', 'a_b', '..', 'a/b', 'x'.repeat(65)])(
  '“%s” is no name',
  (name) => expect(isSkillName(name)).toBe(false),
);
