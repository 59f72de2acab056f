import { describe, expect, test } from 'vitest';
import { builtin } from './builtin.ts';
import { renderDiagnostic } from './diagnostic.ts';
import { dialectSpec } from './dialect.ts';
import { StarlarkError } from './error.ts';
import { HostValue } from './host-value.ts';
import { type JsonValue, toJson } from './json-value.ts';
import { signature } from './signature.ts';
import { type ExecRequest, type ExecResult, exec, loadsOf, parse } from './starlark.ts';
import type { Value } from './value.ts';

function runSource(source: string, request: Partial<ExecRequest> = {}): ExecResult {
  return exec({ file: 'flow.star', sources: new Map([['flow.star', source]]), ...request });
}

function globalsOf(result: ExecResult): Record<string, JsonValue> {
  if (!result.ok) throw new Error(result.errors.map((error) => renderDiagnostic(error)).join('\n'));
  return Object.fromEntries([...result.globals].map(([name, value]) => [name, toJson(value)]));
}

function rendered(result: ExecResult): string {
  return result.ok ? 'ok' : result.errors.map((error) => renderDiagnostic(error)).join('\n');
}

describe('errors', () => {
  test('a traceback shows each call, outermost first', () => {
    const source = 'def step(d):\n    return d["a"]\n\ndef go():\n    return step({})\n\ngo()\n';
    expect(rendered(runSource(source))).toMatchInlineSnapshot(`
      "Traceback (most recent call last):
        flow.star:7:3: in <toplevel>
        flow.star:5:16: in go
        flow.star:2:13: in step
      Error: key "a" not in dict"
    `);
  });

  test('a failing built-in is named', () => {
    expect(rendered(runSource('x = "a".split("")\n'))).toMatchInlineSnapshot(`
      "Traceback (most recent call last):
        flow.star:1:14: in <toplevel>
      Error in split: split: empty separator"
    `);
  });

  test('the source line and a caret are drawn below', () => {
    const source = 'x = [1]\n\ty = x\n';
    const result = runSource('x = 1 + agnt\n');
    const [diagnostic] = result.ok ? [] : result.errors;
    if (diagnostic === undefined) throw new Error('no error');
    expect(renderDiagnostic(diagnostic, 'x = 1 + agnt\n')).toMatchInlineSnapshot(`
      "flow.star:1:9: undefined: agnt
          x = 1 + agnt
                  ^^^^"
    `);
    expect(rendered(runSource(source))).toContain('got indent, want primary expression');
  });

  test('a mistake between brackets is one error, and what follows is read', () => {
    const source = [
      'workflow(',
      '    id = "x",',
      '    goal = "no ) here"',
      '    nodes = [',
      '        ask("a", "b" "c"),',
      '',
      '        ask("d", "e"), # not here either: (',
      '    ],',
      ')',
      'x = = 1',
      'def f():',
      '    y = [1, 2',
      '        3]',
      '    return 1 1',
      'def g(:',
      '    raise x',
    ].join('\n');
    const { errors = [] } = parse(source, 'flow.star');
    expect(errors.map(({ line }) => line)).toEqual([4, 10, 13, 14, 15, 16]);
    const advised = errors.filter(({ hint }) => hint?.includes('comma') === true);
    expect(advised.map(({ line }) => line)).toEqual([4, 13]);
  });

  test('five independent mistakes are five errors', () => {
    const source = [
      'x = = 1',
      'def f(:',
      '    y = 1 1',
      'import os',
      'z = ]',
      'while x',
      'ok = 1',
    ].join('\n');
    const { errors = [] } = parse(source, 'flow.star');
    expect(errors.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 7]);
  });

  test.each([
    ['while True:\n    pass\n', 'use a for loop over range(n) or loop_until(...)'],
    ['import os\n', 'use load("file.star", "name")'],
    ['try:\n    x = 1\n', 'errors end the evaluation: check with if before you act'],
    ['def f(x: int): pass\n', 'leave the annotation out'],
  ])('%j gives advice', (source, advice) => {
    expect(rendered(runSource(source))).toContain(advice);
  });

  test('words of Python inside strings are no concern', () => {
    expect(globalsOf(runSource('x = "while import load( class"\n'))).toEqual({
      x: 'while import load( class',
    });
  });
});

describe('f-strings', () => {
  test('hold any expression', () => {
    const source = [
      'd = {"k": [1, 2]}',
      "a = f\"{d['k'][1] + 1}|{'x' if d else 'y'!r}|{ {1: 2}[1] }|{{}}|{len([c for c in [1]])}\"",
      'b = f"""{',
      '  d',
      '}"""',
      'c = rf"\\{1}"',
    ].join('\n');
    expect(globalsOf(runSource(source))).toMatchObject({
      a: '3|"x"|2|{}|1',
      b: '{"k": [1, 2]}',
      c: '\\1',
    });
  });

  test.each([
    ['x = f"{}"', 'empty expression in f-string'],
    ['x = f"{1"', "unmatched '{' in f-string"],
    ['x = f"}"', "single '}' in f-string"],
    ['x = f"{1:>3}"', 'format specifiers are not supported'],
    ['x = f"{1!q}"', 'unknown conversion !q'],
    ['x = f"ab {1 +}"', 'flow.star:1:'],
    ['x = f"ab {nope}"', 'flow.star:1:11: undefined: nope'],
  ])('%s is a mistake', (source, message) => {
    expect(rendered(runSource(`${source}\n`))).toContain(message);
  });

  test('are off in strict files', () => {
    const result = runSource('x = f"a"\n', { dialect: dialectSpec });
    expect(rendered(result)).toContain('got string literal, want newline');
  });
});

describe('load', () => {
  const sources = new Map([
    ['flow.star', 'load("lib/a.star", "f", g="f")\nx = f(1)\n'],
    ['lib/a.star', 'load("../b.star", "k")\ndef f(x): return x + k\n_hidden = 1\n'],
    ['b.star', 'k = 10\n'],
    ['loop.star', 'load("loop2.star", "x")\n'],
    ['loop2.star', 'load("loop.star", "y")\nx = 1\n'],
    ['escape.star', 'load("../../etc/x.star", "x")\n'],
    ['absolute.star', 'load("/x.star", "x")\n'],
    ['private.star', 'load("lib/a.star", h="k")\n'],
    ['bad.star', 'load("broken.star", "x")\n'],
    ['broken.star', 'def f():\n    return 1 // 0\nx = f()\n'],
  ]);

  test('takes names from other files, which stay local to the loader', () => {
    const result = exec({ file: 'flow.star', sources });
    expect(globalsOf(result)).toEqual({ x: 11 });
  });

  test('reports a cycle by its path', () => {
    expect(rendered(exec({ file: 'loop.star', sources }))).toBe(
      'loop2.star:1:6: cycle in load graph: loop.star -> loop2.star -> loop.star',
    );
  });

  test.each([
    ['escape.star', 'is outside the workflow'],
    ['absolute.star', 'only relative paths may be loaded'],
    ['private.star', 'load: name k not found in module lib/a.star'],
    ['missing.star', 'no source for missing.star'],
  ])('%s is refused', (file, message) => {
    expect(rendered(exec({ file, sources }))).toContain(message);
  });

  test('an error in a loaded file shows the frames of both', () => {
    expect(rendered(exec({ file: 'bad.star', sources }))).toMatchInlineSnapshot(`
      "Traceback (most recent call last):
        bad.star:1:1: in <toplevel>
        broken.star:3:6: in <toplevel>
        broken.star:2:14: in f
      Error: cannot load broken.star: floored division by zero"
    `);
  });

  test('names can be collected before anything runs', () => {
    expect(loadsOf('load("a.star", "x")\n', 'flow.star')).toEqual([
      { name: 'a.star', line: 1, column: 6, endColumn: 14 },
    ]);
  });
});

describe('values of the host', () => {
  class Node extends HostValue {
    readonly starlarkType = 'agent';
    readonly id: string;

    constructor(id: string) {
      super();
      this.id = id;
    }

    override getAttr(name: string): Value | undefined {
      return name === 'id' ? this.id : undefined;
    }

    override getAttrNames(): readonly string[] {
      return ['id'];
    }
  }

  const parameters = signature('agent', ['id', 'prompt?', '*', 'depth?']);
  const places: string[] = [];
  const agent = builtin({
    name: 'agent',
    call: (_thread, args, kwargs, { line, column, callee }) => {
      const bound = parameters(args, kwargs);
      places.push(`${line}:${column} ${callee.line}:${callee.column}`);
      if (bound.string(0) === '') throw new StarlarkError('id is empty', { hint: 'name it' });
      return new Node(bound.string(0));
    },
  });

  test('have a type, attributes, and know where they were made', () => {
    const source = 'a = agent("x", depth=1)\nt = type(a)\ni = a.id\nb = {a: 1}[a]\na = None\n';
    expect(globalsOf(runSource(source, { predeclared: { agent } }))).toEqual({
      a: null,
      t: 'agent',
      i: 'x',
      b: 1,
    });
    expect(places).toEqual(['1:10 1:5']);
  });

  test.each([
    ['agent()', 'agent: missing argument for id'],
    ['agent("a", "b", 1)', 'agent: got 3 arguments, want at most 2'],
    ['agent("a", promt="b")', 'unexpected keyword argument "promt" (did you mean prompt?)'],
    ['agent("a", id="b")', 'got multiple values for keyword argument "id"'],
    ['agent(1)', 'agent: for parameter id: got int, want string'],
    ['agent("")', 'Error in agent: id is empty\n  hint: name it'],
    ['agent("a").idd', 'agent has no .idd field or method (did you mean .id?)'],
    ['agent("a") + "x"', 'unknown binary op: agent + string'],
    ['agnt("a")', 'undefined: agnt (did you mean agent?)'],
  ])('%s fails clearly', (source, message) => {
    const result = runSource(`x = ${source}\n`, { predeclared: { agent } });
    expect(rendered(result)).toContain(message);
  });
});

test('globals are frozen at the end', () => {
  const result = runSource('x = [1]\ndef f(a=[2]): return a\n');
  const list = result.ok ? result.globals.get('x') : undefined;
  expect(list).toMatchObject({ isFrozen: true });
});

test('print goes to the host with its place', () => {
  const printed: string[] = [];
  runSource('print("a", 1, sep="-")\n', {
    print: (message, { line, column }) => printed.push(`${line}:${column} ${message}`),
  });
  expect(printed).toEqual(['1:6 a-1']);
});
