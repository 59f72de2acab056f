/** `[mcp.NAME]` and its pins: what can be meant, whose counts, and what is one's own. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeChance } from '../../system/node/node-chance.ts';
import { type EffectiveConfig, readConfig } from '../config.ts';
import { type McpRow, reachText } from '../mcp-config.ts';
import { readPins, removePins, writePins } from '../mcp-pins.ts';
import { findPlaces, type Places } from '../places.ts';
import { trust } from '../trust.ts';
import type { Workbench } from '../workbench.ts';
import { mcpSecrets } from './open-mcp.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-mcp-config-')));
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'repo', '.whaleflow'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const placesHere = (): Places =>
  findPlaces({ cwd: join(folder, 'repo'), env: { WHALEFLOW_HOME: join(folder, 'home') } });

function read(user: string, project = '', isTrusted = true): EffectiveConfig {
  const env = { WHALEFLOW_HOME: join(folder, 'home') };
  const places = placesHere();
  writeFileSync(join(places.userFolder, 'config.toml'), user);
  writeFileSync(join(places.projectFolder, 'config.toml'), project);
  if (isTrusted) trust(places);
  return readConfig({ places, env, set: [] });
}

const docs = '[mcp.docs]\ncommand = ["docs-server"]\nallow = ["search"]\n';
const row = (config: EffectiveConfig, name = 'docs'): McpRow => {
  const found = config.mcp.rows.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

test('servers are read with their defaults; one of a repository lies in it', () => {
  const wiki = '[mcp.wiki]\ncommand = ["./tools/wiki"]\nallow = []\ntimeout_s = 2.5\n';
  const config = read(docs, wiki);
  expect(config.mcp.warnings).toEqual([]);
  expect(row(config)).toMatchObject({
    reach: { type: 'process', argv: ['docs-server'], passes: [], sets: {} },
    allow: ['search'],
    callTimeoutMs: 60_000,
    startTimeoutMs: 30_000,
  });
  expect(row(config, 'wiki')).toMatchObject({
    reach: { argv: [join(folder, 'repo', 'tools/wiki')] },
    callTimeoutMs: 2_500,
    repository: join(folder, 'repo'),
  });
});

test('a repository’s count only where it is trusted, and change none of a person’s', () => {
  const theirs = '[mcp.docs]\ncommand = ["evil"]\nallow = ["all"]\n';
  expect([...read('', theirs, false).mcp.rows.keys()]).toEqual([]);
  const config = read(docs, theirs);
  expect(row(config).allow).toEqual(['search']);
  expect(config.mcp.warnings).toMatchObject([{ code: 'WF2008' }]);
});

test.each([
  ['no list of tools', 'command = ["x"]', /which tools are allowed/],
  ['neither a command nor a url', 'allow = []', /either a command or a url/],
  ['both', 'allow = []\ncommand = ["x"]\nurl = "https://x.example/"', /either a command or a url/],
  ['a program of wherever it runs', 'allow = []\ncommand = ["./x"]', /absolute path/],
  ['a key of a process', 'allow = []\ncommand = ["x"]\napi_key_env = "K"', /does not go with/],
  ['variables of an address', 'allow = []\nurl = "https://x.example/"\nenv = ["K"]', /does not go/],
  ['a key in the address', 'allow = []\nurl = "https://u:sk-1@x.example/"', /more than an address/],
  [
    'a key for its name',
    'allow = []\nurl = "https://x.example/"\napi_key_env = "sk-proj-1"',
    /no name/,
  ],
  ['time without end', 'allow = []\ncommand = ["x"]\ntimeout_s = 6000', /at most 600/],
] as const)('%s is refused, and no key is quoted', (_, text, said) => {
  expect(() => read(`[mcp.docs]\n${text}\n`)).toThrow(said);
  expect(() => read(`[mcp.docs]\n${text}\n`)).not.toThrow(/sk-/);
});

test.each(['a__b', 'Docs', '_x', 'x_', 'x'.repeat(33)])('%s is no name of a server', (name) => {
  expect(() => read(`[mcp."${name}"]\ncommand = ["x"]\nallow = []\n`)).toThrow(/server’s name/);
});

test('what it is given of the environment is concealed, what everybody knows is not', () => {
  const config = read(
    `${docs}env = ["TOKEN", "HOME", "GONE"]\n[mcp.web]\nurl = "https://x.example/"\nallow = []\napi_key_env = "KEY"\n`,
  );
  const env = { TOKEN: 'token-value', HOME: '/home/ada', KEY: 'key-value' };
  expect(mcpSecrets(config.mcp.rows.values(), env)).toEqual([
    { name: 'TOKEN', value: 'token-value' },
    { name: 'KEY', value: 'key-value' },
  ]);
});

test.each([
  ['env = ["HOME_TOKEN"]', 'docs-server (env: HOME_TOKEN)'],
  ['set = { NODE_OPTIONS = "x" }', 'docs-server (set: NODE_OPTIONS)'],
  ['read = ["~/notes"]\nwrite = ["/srv/a"]', 'docs-server (read: ~/notes; write: /srv/a)'],
])('a server that is given %s is another one, and is shown with it', (line, shown) => {
  const given = row(read(`${docs}${line}\n`));
  expect(reachText(given.reach)).toBe(shown);
  expect(reachText(row(read(docs)).reach)).toBe('docs-server');
});

test('the variable of a key is shown with its address', () => {
  const text = '[mcp.docs]\nurl = "https://a.example/mcp"\nallow = []\napi_key_env = "KEY"\n';
  expect(reachText(row(read(text)).reach)).toBe('https://a.example/mcp (key: $KEY)');
});

test('pins are kept for each server, for a repository’s by repository, and read as written', () => {
  const mine = row(read(docs));
  const theirs = { ...mine, repository: join(folder, 'repo') };
  const bench = { places: placesHere(), chance: nodeChance } as Workbench;
  const tool = { name: 'search', description: 'Finds.', input: { type: 'object' } };
  expect(readPins(bench.places, mine)).toBeUndefined();
  const file = writePins(bench, mine, [tool]);
  expect(readFileSync(file, 'utf8')).toContain('"description": "Finds."');
  expect(readPins(bench.places, mine)).toEqual({ from: 'docs-server', tools: [tool] });
  expect(readPins(bench.places, theirs)).toBeUndefined();
  writeFileSync(file, '{"format": "whaleflow.mcp-pins/1", "from": "x", "tools": [{"name": 7}]}');
  expect(() => readPins(bench.places, mine)).toThrow('cannot be read');
  expect(removePins(bench.places, mine)).toBe(true);
  expect(removePins(bench.places, mine)).toBe(false);
});
