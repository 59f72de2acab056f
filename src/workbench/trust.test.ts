import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { findPlaces, type Places } from './places.ts';
import { trust, trustOf } from './trust.ts';
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
