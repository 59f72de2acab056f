import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dialectDefault } from '../../src/starlark/dialect.ts';
import { format } from '../../src/starlark/format.ts';
import { chanceFrom, randomProgram } from './programs-at-random.ts';

const dialect = { ...dialectDefault, while: true, reserveAssert: false };

function formatted(source: string): string {
  const result = format(source, 'a.star', dialect);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.text;
}

test('space and quotes are made anew, lines and comments stay', () => {
  const source = `

x=1+ - 2*( 3,4 ) ;y = 'a'   # why
def f( a,b=2,*args,**kwargs ):
  # inside
  if a :
      return [ a [1:2], {'k' : lambda x :x}, a[lambda: 1:2], -a , not b ]


  return call(a,
        b=[
     1, # one

     2,
  ],  *args)
  # still inside
# outside
z = 1 + \\
 2 if x else(3)
if x: pass; y = 3;
load ("a.star",  'b', c='d')
w = 1 .real
`;
  expect(formatted(source)).toMatchInlineSnapshot(`
    "x = 1 + -2 * (3, 4)
    y = "a"  # why
    def f(a, b = 2, *args, **kwargs):
        # inside
        if a:
            return [a[1:2], {"k": lambda x: x}, a[lambda: 1:2], -a, not b]

        return call(a,
            b = [
                1,  # one

                2,
            ], *args)
        # still inside
    # outside
    z = 1 + \\
        2 if x else (3)
    if x: pass; y = 3
    load("a.star", "b", c = "d")
    w = 1 .real
    "
  `);
});

test('formatting twice is formatting once', () => {
  let count = 0;
  for (let seed = 0; seed < 3_000; seed++) {
    const program = randomProgram(chanceFrom(seed));
    const once = format(program, 'a.star', dialect);
    if (!once.ok) continue;
    count++;
    expect(formatted(once.text)).toBe(once.text);
  }
  expect(count).toBeGreaterThan(500);
});

const folder = new URL('./testdata/', import.meta.url);
const benches = new URL('../../bench/starlark/', import.meta.url);

for (const where of [folder, benches]) {
  for (const name of readdirSync(where).filter((entry) => entry.endsWith('.star'))) {
    test(`${name} keeps its comments`, () => {
      const source = readFileSync(new URL(name, where), 'utf8');
      for (const chunk of source.split('\n---\n')) {
        const once = format(chunk, name, dialect);
        if (!once.ok) continue;
        expect(formatted(once.text)).toBe(once.text);
        const comments = (text: string): number => text.split('#').length;
        expect(comments(once.text)).toBe(comments(chunk));
      }
    });
  }
}
