import { expect, test } from 'vitest';
import { parse } from '../starlark/starlark.ts';
import { repairStarlark } from './repair-starlark.ts';

test('common slips are mended, and each is told', () => {
  const source = `from whaleflow import *
import os
# ctx.parallel( in a comment stays
a = ctx.sequence("ctx.parallel(", [
    ask("one", "null")
    ask("two", "x"),
])
b = ask(id: "three", cache: true),
if len("x") > 3:
    c = None
else if b == null:
    c = ask("four",
        "one "
        "two")
workflow("w", "g", [ctx.parallel("p", [a, b])])
`;
  const { text, repairs } = repairStarlark(source, 'a.star');
  expect(parse(text, 'a.star').errors).toBeUndefined();
  expect(text).toMatchInlineSnapshot(`
    "# ctx.parallel( in a comment stays
    a = sequence("ctx.parallel(", [
        ask("one", "null"),
        ask("two", "x"),
    ])
    b = ask(id = "three", cache = True)
    if len("x") > 3:
        c = None
    elif b == None:
        c = ask("four",
            "one " +
            "two")
    workflow("w", "g", [branch("p", [a, b])])
    "
  `);
  expect(repairs.map(({ line, says }) => `${line}: ${says}`)).toMatchInlineSnapshot(`
    [
      "1: the builtins are known without an import",
      "2: the builtins are known without an import",
      "4: ctx.sequence is sequence here",
      "5: a comma was missing",
      "8: named arguments take =",
      "8: named arguments take =",
      "8: true is written True",
      "8: a comma at the end of a line makes a tuple",
      "11: else if is written elif",
      "11: null is written None",
      "13: strings are joined with +",
      "15: ctx.parallel is branch here",
    ]
  `);
});

test('what is right stays as it is', () => {
  const source = `def f(ctx, true):
    return ctx.parallel(true)

x = [
    "a",
    lambda a: {"k": a},
]
y = f({1: 2}, x)[1:2]
`;
  expect(repairStarlark(source, 'a.star')).toEqual({ text: source, repairs: [] });
});
