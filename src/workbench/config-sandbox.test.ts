import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EffectiveConfig, readConfig } from './config.ts';
import { findPlaces } from './places.ts';
import { trust } from './trust.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-config-')));
  mkdirSync(join(folder, 'repository/.whaleflow'), { recursive: true });
  mkdirSync(join(folder, 'home'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  readonly user?: string;
  readonly project?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly set?: readonly string[];
}

/** The project is trusted. */
function config({ user, project, env = {}, set = [] }: Parts): EffectiveConfig {
  const cwd = join(folder, 'repository');
  const places = findPlaces({ cwd, env: { HOME: folder, WHALEFLOW_HOME: join(folder, 'home') } });
  if (user !== undefined) writeFileSync(join(folder, 'home/config.toml'), user);
  if (project !== undefined) writeFileSync(join(cwd, '.whaleflow/config.toml'), project);
  trust(places);
  return readConfig({ places, env, set });
}

const off = '[sandbox]\nmode = "off"\n';
const strict = '[sandbox]\nmode = "strict"\n';

test.each([
  ['nothing is said', {}, 'strict'],
  ['a repository says off', { project: off }, 'strict'],
  ['the user says off', { user: off }, 'off'],
  ['the user says strict', { user: strict }, 'strict'],
  ['a repository says strict', { project: strict }, 'strict'],
  ['a repository says strict, and the user off', { project: strict, user: off }, 'strict'],
  ['a repository says off, and the user strict', { project: off, user: strict }, 'strict'],
  ['a flag says off', { project: strict, set: ['sandbox.mode=off'] }, 'off'],
  ['the environment says off', { user: strict, env: { WHALEFLOW_SANDBOX_MODE: 'off' } }, 'off'],
] as const)('where %s the mode is that', (_name, parts, mode) => {
  expect(config(parts).sandbox.mode).toBe(mode);
});

test('a repository is told where it does not count', () => {
  const { warnings, sandbox } = config({ project: '[sandbox]\nmode = "off"\nread = ["/opt"]\n' });
  expect(sandbox).toEqual({ mode: 'strict', read: [] });
  expect(warnings.map(({ message, span }) => [message, span?.line])).toEqual([
    ['sandbox.mode does not count here: a repository may only tighten', 2],
    ['sandbox.read does not count here: a repository may only tighten', 3],
  ]);
});

test('folders to read are a person’s: from their file, or the environment', () => {
  const user = '[sandbox]\nread = ["/opt/go/", "~/.cargo/bin"]\n';
  expect(config({ user }).sandbox.read).toEqual(['/opt/go', join(homedir(), '.cargo/bin')]);
  const env = { WHALEFLOW_SANDBOX_READ: '/opt/a:/opt/b' };
  expect(config({ user, env }).sandbox.read).toEqual(['/opt/a', '/opt/b']);
});

test.each([
  'mode = "loose"',
  'mode = true',
  'read = "relative"',
  'read = ["/"]',
  'read = ["/opt/.."]',
  'read = ["/proc/self"]',
  'read = ["/tmp/"]',
  'read = [1]',
])('%s is refused with its place', (line) => {
  expect(() => config({ user: `[sandbox]\n${line}\n` })).toThrow(
    /sandbox\.\w+ is .*config\.toml:2/,
  );
});

test('a flag cannot open folders: what it says would reach this process only', () => {
  expect(() => config({ set: ['sandbox.read=/opt'] })).toThrow('--set does not take sandbox.read');
});
