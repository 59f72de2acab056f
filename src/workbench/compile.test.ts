import { expect, test } from 'vitest';
import { compileText } from './compile.ts';

test('the language of a text is told in no time, however many empty lines it begins with', () => {
  const text = `${'\n'.repeat(1_000_000)}x = "x"\nworkflow("w", "g", [ask("a", x)])\n`;
  expect(compileText({ cwd: '/' }, text)).toMatchObject({ text });
});
