import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pickFiles, testHost } from './test-host.ts';

const crooked = `x = ctx.parallel( 'p',[ ask( "a" , 'b' ) ] )   # why\nworkflow("w","g",[x])\n`;

test('fmt lays out, tells with --check, and shows with --diff', async () => {
  using host = testHost({ files: { 'a.star': 'x=[1,2 ] # one\n', 'b.star': 'y = 1\n' } });
  expect(await host.run('fmt', '--check', 'a.star', 'b.star')).toMatchObject({
    exit: 1,
    out: 'a.star\n',
  });
  const diff = await host.run('fmt', '--diff', 'a.star');
  expect(diff.out).toBe('--- a.star\n-x=[1,2 ] # one\n+x = [1, 2]  # one\n \n');
  expect(await host.run('fmt', 'a.star', 'b.star')).toMatchObject({ exit: 0, out: 'a.star\n' });
  expect(readFileSync(join(host.folder, 'a.star'), 'utf8')).toBe('x = [1, 2]  # one\n');
  expect(await host.run('fmt', '--check', 'a.star', 'b.star')).toMatchObject({ exit: 0, out: '' });
});

test('a repair is never silent', async () => {
  using host = testHost({ files: { 'a.star': crooked } });
  const { out, err } = await host.run('fmt', '--repair', 'a.star');
  expect(err).toContain('a.star:1: ctx.parallel is branch here');
  expect(out).toContain('+x = branch("p", [ask("a", "b")])  # why');
  expect(readFileSync(join(host.folder, 'a.star'), 'utf8')).toContain('x = branch("p",');
});

test('fmt shows every mistake of a file with its line and caret, and leaves it alone', async () => {
  const broken = 'a = = 1\nimport os\nb = [1, 2\nc = 3)\nd = 08\ndef f(: pass\n';
  using host = testHost({ files: { 'a.star': broken } });
  const { exit, out } = await host.run('fmt', 'a.star');
  expect(exit).toBe(2);
  for (const line of ['a.star:1', 'a.star:2', 'a.star:5', 'a.star:6']) expect(out).toContain(line);
  expect(out.split('^').length).toBeGreaterThan(4);
  expect(readFileSync(join(host.folder, 'a.star'), 'utf8')).toBe(broken);
});

test('starlark runs a file with what it loads', async () => {
  const files = {
    'main.star': 'load("lib.star", "twice")\nprint(twice(21), json.encode({"a": 1}))\n',
    'lib.star': 'def twice(x):\n    return 2 * x\n',
    'bad.star': 'x = [1]\nx[3]\n',
  };
  using host = testHost({ files });
  expect(await host.run('starlark', 'main.star')).toMatchObject({ exit: 0, out: '42 {"a":1}\n' });
  const bad = await host.run('starlark', 'bad.star');
  expect(bad.exit).toBe(1);
  expect(bad.err).toContain('bad.star:2:2: in <toplevel>');
  expect(bad.err).toContain('list index 3 out of range');
});

test('docs prints the reference and the stubs of the builtins', async () => {
  using host = testHost();
  const reference = await host.run('docs', 'builtins');
  expect(reference.out).toContain('### `workflow`');
  const stubs = await host.run('docs', 'stubs');
  expect(stubs.out).toContain('def ask(');
  expect(stubs.out).not.toContain('undefined');
  expect((await host.run('docs', 'nothing')).exit).toBe(2);
});

test('test holds a workflow to expectations, and leaves no run behind', async () => {
  using host = testHost({ files: pickFiles });
  const asked = ['--winner', 'best=small', '--ran', 'attempts/large', '--max-usd', '2'];
  const good = await host.run('test', 'pick.yaml', '--fixture', 'good.yaml', ...asked);
  expect(good.out).toBe(
    'ok   the run is succeeded\nok   best is won by small\nok   attempts/large ran\nok   at most $2.00\n',
  );
  expect(good.exit).toBe(0);
  const bad = await host.run(
    'test',
    'pick.yaml',
    '--fixture',
    'bad.yaml',
    '--ran',
    'attempts/small',
  );
  expect(bad.exit).toBe(1);
  expect(bad.out).toContain('FAIL the run is succeeded: failed');
  expect(host.store.runs()).toEqual([]);
});
