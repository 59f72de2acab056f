/** `config get`, `set` and `edit`, over real files. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Screen, type TestHost, testHost } from './test-host.ts';

const userFile = (folder: string): string => join(folder, '.config/whaleflow/config.toml');
const projectFile = (folder: string): string => join(folder, '.whaleflow/config.toml');

test('a value that was set is in force at once, and said with its place', async () => {
  using host = testHost();
  const set = await host.run('config', 'set', 'ceilings.max_usd', '2');
  expect(set.exit, set.err).toBe(0);
  const file = userFile(host.folder);
  expect(set.out).toBe(`ceilings.max_usd = 2   ${file}:2\n`);
  expect(readFileSync(file, 'utf8')).toBe('[ceilings]\nmax_usd = 2\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await host.run('config', 'get', 'ceilings.max_usd')).out).toBe('2\n');
});

test('comments, order and the file’s rights stay; a link stays a link', async () => {
  const text = '# ours\n[ceilings]   # money\nmax_leaves = 9 # few\n\n[roles]\ndefault = "a:b"\n';
  using host = testHost({ files: { '.whaleflow/real.toml': text } });
  symlinkSync('real.toml', projectFile(host.folder));
  chmodSync(projectFile(host.folder), 0o640);
  await host.run('trust');
  const set = await host.run('config', 'set', '--project', 'ceilings.max_leaves', '5');
  expect(set.exit, set.err).toBe(0);
  const real = join(host.folder, '.whaleflow/real.toml');
  expect(readFileSync(real, 'utf8')).toBe(text.replace('= 9', '= 5'));
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(host.folder, '.whaleflow')).sort()).toEqual(['config.toml', 'real.toml']);
});

test('a provider, its price and a role, in pairs, all or none', async () => {
  using host = testHost();
  const lab = ['providers.lab.base_url', 'http://127.0.0.1:1/v1', 'roles.judge', 'lab:s-4.1,lab:b'];
  const priced = ['prices.lab:s-4.1.input', '0.5', 'prices."lab:s-4.1".output', '2'];
  const half = await host.run('config', 'set', ...lab, ...priced.slice(0, 2));
  expect(half.exit).toBe(2);
  expect(half.err).toContain('a price of lab:s-4.1 has input and output');
  expect(existsSync(userFile(host.folder))).toBe(false);
  const all = await host.run('config', 'set', ...lab, ...priced);
  expect(all.exit, all.err).toBe(0);
  expect(readFileSync(userFile(host.folder), 'utf8')).toBe(
    '[providers.lab]\nbase_url = "http://127.0.0.1:1/v1"\n\n[roles]\njudge = ["lab:s-4.1", "lab:b"]\n\n[prices."lab:s-4.1"]\ninput = 0.5\noutput = 2\n',
  );
  expect((await host.run('config', 'get', 'roles.judge')).out).toBe('lab:s-4.1,lab:b\n');
  expect((await host.run('config', 'get', 'prices.lab:s-4.1.output')).out).toBe('2\n');
  expect((await host.run('config', 'get', 'providers.lab.dialect')).out).toBe('openai\n');
});

describe('what is refused changes nothing', () => {
  test.each<readonly [string, readonly string[], string, number]>([
    ['an unknown key', ['ceilings.max_usdd', '1'], 'did you mean `ceilings.max_usd`?', 2],
    ['an unknown member', ['models.a:b.visoin', 'no'], 'models.a:b.vision', 2],
    ['an unknown role', ['roles.jugde', 'a:b'], 'did you mean `roles.judge`?', 2],
    ['a value out of range', ['ceilings.max_usd', 'lots'], 'a number from 0', 2],
    ['a role that names no model', ['roles.judge', 'gpt'], 'write "PROVIDER:MODEL"', 2],
    ['an address with a key in it', ['providers.x.base_url', 'http://a:b@c/v1'], 'base_url', 2],
    ['half a pair', ['ceilings.max_usd'], 'a key and a value', 2],
    ['a looser sandbox for all', ['--project', 'sandbox.mode', 'off'], '--user', 2],
    ['a key named for all', ['--project', 'providers.openai.api_key_env', 'MINE'], '--user', 2],
    ['folders for all', ['--project', 'sandbox.read', '/opt'], '--user', 2],
    ['two files', ['--project', '--user', 'ceilings.max_usd', '1'], 'take one', 2],
  ])('%s', async (_name, words, said, exit) => {
    using host = testHost();
    const { exit: found, err, out } = await host.run('config', 'set', ...words);
    expect(err).toContain(said);
    expect([found, out]).toEqual([exit, '']);
    expect(existsSync(userFile(host.folder)) || existsSync(projectFile(host.folder))).toBe(false);
  });
});

test('what another layer beats is said, with what is in force', async () => {
  using host = testHost({ env: { WHALEFLOW_CEILINGS_MAX_USD: '1' } });
  const { out, err } = await host.run('config', 'set', 'ceilings.max_usd', '3');
  expect(out).toContain('ceilings.max_usd = 3');
  expect(err).toContain('in force is 1 (environment WHALEFLOW_CEILINGS_MAX_USD)');
  const project = await host.run('config', 'set', '--project', 'concurrency.model', '3');
  expect(project.exit).toBe(0);
  expect(project.err).toContain('does not count: the folder is not trusted');
  expect(project.err).toContain('in force is 8 (built in)');
});

test('while another process writes, nothing is written; what a dead one left is taken away', async () => {
  using host = testHost();
  const lock = `${userFile(host.folder)}.lock`;
  mkdirSync(join(host.folder, '.config/whaleflow'), { recursive: true });
  writeFileSync(lock, '');
  const held = await host.run('config', 'set', 'ceilings.max_usd', '3');
  expect([held.exit, held.err.includes('another command is writing')]).toEqual([2, true]);
  utimesSync(lock, 0, 0);
  expect((await host.run('config', 'set', 'ceilings.max_usd', '3')).exit).toBe(0);
  expect(existsSync(lock)).toBe(false);
});

test('get: what is not set ends with 1, what is no key with 2; JSON has the origin', async () => {
  using host = testHost({ sandbox: 'default' });
  expect((await host.run('config', 'get', 'roles.judge')).exit).toBe(1);
  expect((await host.run('config', 'get', 'rolls.judge')).exit).toBe(2);
  const { out } = await host.run('config', 'get', 'sandbox.mode', '--json');
  expect(JSON.parse(out)).toEqual({
    schema: 'whaleflow.setting/1',
    key: 'sandbox.mode',
    value: 'strict',
    origin: 'built in',
  });
});

describe('edit', () => {
  const terminal = { columns: 100, rows: 30 };

  test('what the editor leaves is checked and put in place', async () => {
    const EDITOR = 'printf "[ceilings]\\nmax_usd = 4\\n" >';
    using host = testHost({ terminal, env: { EDITOR: `sh -c '${EDITOR} "$1"' sh` } });
    const edited = await host.run('config', 'edit');
    expect(edited.exit, edited.err).toBe(0);
    expect((await host.run('config', 'get', 'ceilings.max_usd')).out).toBe('4\n');
    const again = await host.run('config', 'edit');
    expect(again.out).toContain('is as it was');
  });

  test('what cannot be meant is not put in place, and not lost', async () => {
    const EDITOR = 'sh -c \'echo "max_usd = = 4" > "$1"\' sh';
    using host = testHost({ terminal, env: { EDITOR } });
    const { exit, err } = await host.run('config', 'edit');
    expect(exit).toBe(2);
    expect(existsSync(userFile(host.folder))).toBe(false);
    const kept = /what you wrote is kept: (\S+)/.exec(err)?.[1] ?? '';
    expect(readFileSync(kept, 'utf8')).toBe('max_usd = = 4\n');
  });

  test('a broken file can be mended', async () => {
    using host = testHost({ terminal, env: { EDITOR: 'sed -i s/==/=/' } });
    mkdirSync(join(host.folder, '.config/whaleflow'), { recursive: true });
    writeFileSync(userFile(host.folder), '[ceilings]\nmax_usd == 4\n');
    expect((await host.run('config', 'ls')).exit).toBe(2);
    const edited = await host.run('config', 'edit');
    expect(edited.exit, edited.err).toBe(0);
    expect(readFileSync(userFile(host.folder), 'utf8')).toBe('[ceilings]\nmax_usd = 4\n');
  });

  test('without a person it says what to type', async () => {
    using host = testHost();
    const { exit, err } = await host.run('config', 'edit');
    expect([exit, err.includes('config set KEY VALUE')]).toEqual([5, true]);
  });
});

describe('tables of other programs', () => {
  const set = (host: TestHost, ...pairs: string[]): Promise<Screen> =>
    host.run('config', 'set', ...pairs);

  test('agents, hooks and servers of tools are set, read back, and read as from a file', async () => {
    using host = testHost();
    const all = await set(
      host,
      ...['agents.mine.command', 'my-agent --quiet', 'agents.mine.proxy', 'false'],
      ...['agents.mine.set.MODE', 'a.b', 'agents.my.other.preset', 'claude'],
      ...['hooks.guard.on', 'before_tool', 'hooks.guard.command', './guard.sh "$1"'],
      ...['hooks.guard.timeout_s', '5', 'hooks.guard.tools', 'bash,edit*'],
      ...['mcp.docs.command', '["npx", "-y", "a server"]', 'mcp.docs.allow', ''],
    );
    expect(all.exit, all.err).toBe(0);
    expect(readFileSync(userFile(host.folder), 'utf8')).toBe(
      '[agents.mine]\ncommand = ["my-agent", "--quiet"]\nproxy = false\n\n[agents.mine.set]\nMODE = "a.b"\n\n' +
        '[agents."my.other"]\npreset = "claude"\n\n' +
        '[hooks.guard]\non = "before_tool"\ncommand = "./guard.sh \\"$1\\""\ntimeout_s = 5\ntools = ["bash", "edit*"]\n\n' +
        '[mcp.docs]\ncommand = ["npx", "-y", "a server"]\nallow = []\n',
    );
    const get = async (key: string): Promise<string> => (await host.run('config', 'get', key)).out;
    expect(await get('agents.mine.command')).toBe('my-agent,--quiet\n');
    expect(await get('agents.mine.set.MODE')).toBe('a.b\n');
    expect(await get('hooks.guard.timeout_s')).toBe('5\n');
    expect((await host.run('config', 'get', 'hooks.guard.leaves')).exit).toBe(1);
    expect((await host.run('config', 'ls')).out).toMatch(
      /hooks\.guard +before_tool of bash, edit\*/,
    );
    await set(host, 'hooks.guard.command', '["node", "g.mjs"]');
    expect(await get('hooks.guard.command')).toBe('node,g.mjs\n');
  });

  test.each([
    ['agents.mine.comand', 'x', 'did you mean `agents.mine.command`?'],
    ['agents.mine.set', 'x', 'did you mean `agents.mine.set.VARIABLE`?'],
    ['agents.mine', 'x', 'write agents.NAME.MEMBER with one of preset, protocol'],
    ['hooks.guard.when', 'x', 'write hooks.NAME.MEMBER with one of on, command'],
    ['agents.mine.proxy', 'maybe', 'agents.mine.proxy is true or false'],
    ['hooks.guard.timeout_s', 'soon', 'hooks.guard.timeout_s is a number'],
    ['mcp.docs.command', '[npx', 'begins with [ and is no list of texts'],
    ['agents.mine.preset', 'cluade', 'did you mean `claude`?'],
    ['mcp.docs.url', 'https://tools.example/mcp', 'does not say which tools are allowed'],
    ['hooks.guard.on', 'before_tool', 'hooks.guard has no command'],
    ['agents.claude.env', 'sk-canary-0123456789', 'env is a list of names of variables'],
  ])('%s = %s is refused as its reader would: %s', async (key, value, said) => {
    using host = testHost();
    const { exit, err } = await set(host, key, value);
    expect(exit).toBe(2);
    expect(err).toContain(said);
    expect(err).not.toContain('sk-canary');
    expect(existsSync(userFile(host.folder))).toBe(false);
  });

  test('a repository names no agent, and takes no hook of a person', async () => {
    using host = testHost();
    await set(host, 'hooks.guard.on', 'after_tool', 'hooks.guard.command', './mine.sh');
    for (const pairs of [
      ['agents.mine.command', 'my-agent'],
      ['hooks.guard.on', 'after_tool', 'hooks.guard.command', './theirs.sh'],
    ]) {
      const { exit, err } = await host.run('config', 'set', '--project', ...pairs);
      expect([exit, err]).toEqual([2, expect.stringMatching(/WF2008[\s\S]*--user/)]);
    }
    expect((await host.run('config', 'get', 'hooks.guard.command')).out).toBe('./mine.sh\n');
  });
});
