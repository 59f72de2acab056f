import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RunError, run } from '../starlark-driver.ts';

const folder = new URL('./testdata/', import.meta.url);

/** `### "regexp"` or the same between backquotes, on the line that raises the error. */
const expectation = /###\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g;

interface Expected {
  readonly line: number;
  readonly pattern: string;
}

function expectedErrors(source: string): Expected[] {
  return source.split('\n').flatMap((text, index) =>
    [...text.matchAll(expectation)].map(([, quoted, raw]) => ({
      line: index + 1,
      pattern: quoted === undefined ? (raw ?? '') : String(JSON.parse(`"${quoted}"`)),
    })),
  );
}

function mismatches(expected: readonly Expected[], errors: readonly RunError[]): string[] {
  const open = [...errors];
  const problems: string[] = [];
  for (const { line, pattern } of expected) {
    const at = open.findIndex(
      (error) => error.line === line && new RegExp(pattern).test(error.message),
    );
    if (at < 0) problems.push(`line ${line}: no error matches ${pattern}`);
    else open.splice(at, 1);
  }
  return [...problems, ...open.map(({ line, message }) => `line ${line}: unexpected: ${message}`)];
}

function directive(chunk: string, name: string): string[] {
  const pattern = new RegExp(`#.*\\b${name}:([\\w,]+)`, 'g');
  return [...chunk.matchAll(pattern)].flatMap(([, values = '']) => values.split(','));
}

for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.star'))) {
  describe(name, () => {
    const source = readFileSync(new URL(name, folder), 'utf8');
    let firstLine = 1;
    for (const chunk of source.replace(/\n$/, '').split('\n---\n')) {
      const file = name;
      const padded = '\n'.repeat(firstLine - 1) + chunk;
      test(`the chunk at line ${firstLine}`, () => {
        const options = directive(chunk, 'option');
        const modes = directive(chunk, 'mode');
        const mode = modes.includes('resolve') ? 'resolve' : 'exec';
        const predeclared = directive(chunk, 'names');
        const request = { file, source: padded, mode, options, predeclared } as const;
        const { errors } = run({ ...request, isThorough: true });
        expect(mismatches(expectedErrors(padded), errors)).toEqual([]);
      });
      firstLine += chunk.split('\n').length + 1;
    }
  });
}
