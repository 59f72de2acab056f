/**
 * The gate speaks of fields as the authored form names them. For people who write Starlark, what it
 * says in backticks is put into their words: `maxIterations: 3` is `max_iterations = 3`.
 */
import { toSnakeCase } from '../snake-case.ts';
import { builtinTable } from './builtin-table.ts';
import { parametersOf, targetOf } from './parameter.ts';
import { RECORD_FIELDS } from './record-fields.ts';

/**
 * Fields of two words, and how calls name them. A word alone could as well be the id of a node, and
 * stays as it is.
 */
const WORDS: ReadonlyMap<string, string> = new Map(
  [
    ...builtinTable
      .flatMap(parametersOf)
      .map((parameter) => [targetOf(parameter).at(-1) ?? '', parameter.name] as const),
    ...RECORD_FIELDS.map((name) => [name, toSnakeCase(name)] as const),
    ['argv', 'command'] as const,
  ].filter(([field]) => /[A-Z]/.test(field) || field === 'argv'),
);

export function toStarlarkWords(text: string): string {
  return text.replace(/`([^`]*)`/g, (_all, quoted: string) => `\`${inWords(quoted)}\``);
}

function inWords(quoted: string): string {
  const assigned = /^([A-Za-z]+): (.*)$/s.exec(quoted);
  const [, name = '', value = ''] = assigned ?? [];
  if (assigned !== null && (WORDS.has(name) || name === 'isolation' || name === 'permissions'))
    return `${WORDS.get(name) ?? name} = ${inValue(value)}`;
  const [first, ...rest] = quoted.split('.');
  // `budget.maxLeaves`: a field of a field; `scan.filePath` may be somebody’s own.
  if (first === 'budget') return [first, ...rest.map((part) => WORDS.get(part) ?? part)].join('.');
  return WORDS.get(quoted) ?? quoted;
}

/** Strings first: a command may be called `true`. */
const STRING_OR_WORD = /"(?:[^"\\]|\\.)*"|\b(?:true|false)\b/g;
const LITERALS: ReadonlyMap<string, string> = new Map([
  ['true', 'True'],
  ['false', 'False'],
]);

/** A short value in the style of YAML, as a literal. */
function inValue(value: string): string {
  if (/^-?\d/.test(value) || value.startsWith('"')) return value;
  if (!value.startsWith('{')) return `"${value}"`;
  return value
    .replace(
      /([{,] ?)([A-Za-z]+):/g,
      (_all, before: string, key: string) => `${before}"${toSnakeCase(key)}":`,
    )
    .replace(STRING_OR_WORD, (part) => LITERALS.get(part) ?? part);
}
