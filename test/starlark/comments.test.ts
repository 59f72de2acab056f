/** Every comment belongs to one node, where a reader would say that it does. */
import { expect, test } from 'vitest';
import {
  attachComments,
  commentsOf,
  dialectDefault,
  type NodeComments,
  parse,
} from '../../src/starlark/public.ts';
import { chanceFrom, randomProgram } from './programs-at-random.ts';

/** `kind@line place: text` of every comment. */
function placed(source: string): readonly string[] {
  const { file } = parse(source, 'a.star');
  if (file === undefined) throw new Error('does not parse');
  const comments = attachComments(file, commentsOf(source, 'a.star'));
  return [...comments].flatMap(([node, found]) =>
    (['before', 'suffix', 'after'] as const).flatMap((place: keyof NodeComments) =>
      found[place].map(({ text }) => {
        const name = 'kind' in node ? `${node.kind}@${node.start.line}` : 'file';
        return `${name} ${place}: ${text}`;
      }),
    ),
  );
}

test('before, behind and after', () => {
  const source = `# head
x = 1  # one

# of f
def f(a):  # says
    # first
    y = [
        a,  # item
        # of two
        2,
    ]  # close
    return y
    # end of f

# before g
g = f(
    1,  # arg
)
# tail
`;
  expect(placed(source)).toMatchInlineSnapshot(`
    [
      "assign@2 before: # head",
      "assign@2 suffix: # one",
      "def@5 before: # of f",
      "def@5 suffix: # says",
      "assign@7 before: # first",
      "assign@7 suffix: # close",
      "name@8 suffix: # item",
      "literal@10 before: # of two",
      "return@12 after: # end of f",
      "assign@16 before: # before g",
      "literal@17 suffix: # arg",
      "file after: # tail",
    ]
  `);
});

test('a file of comments alone', () => {
  expect(placed('# a\n\n# b\n')).toEqual(['file after: # a', 'file after: # b']);
});

test('no comment of a random program is lost or doubled', () => {
  const dialect = { ...dialectDefault, while: true, reserveAssert: false };
  let parsed = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const lines = randomProgram(chanceFrom(seed)).split('\n');
    const source = lines
      .flatMap((line, at) => {
        const indent = /^ */.exec(line)?.[0] ?? '';
        return line.trim() === '' ? [line] : [`${indent}# alone ${at}`, `${line}  # end ${at}`];
      })
      .join('\n');
    const comments = commentsOf(source, 'a.star', dialect);
    const { file } = parse(source, 'a.star', dialect);
    if (file === undefined) continue;
    parsed += 1;
    const attached = [...attachComments(file, comments).values()].flatMap(
      ({ before, suffix, after }) => [...before, ...suffix, ...after],
    );
    expect(attached.length).toBe(comments.length);
    expect(new Set(attached)).toEqual(new Set(comments));
  }
  expect(parsed).toBeGreaterThan(100);
});
