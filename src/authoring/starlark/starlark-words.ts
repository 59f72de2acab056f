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
  return ofDicts(text).replace(/`([^`]*)`/g, (_all, quoted: string) => `\`${inWords(quoted)}\``);
}

/** What a document calls a field is a key of a dict here, as parameters have been told before. */
function ofDicts(text: string): string {
  if (text === 'not a field here') return 'not a key here';
  return text
    .replace(/^unknown field(?= `)/, 'unknown key')
    .replace(
      /^unknown ([a-z]+[A-Z]\w*)(?= `)/,
      (_all, field: string) => `unknown ${inWords(field)}`,
    )
    .replace(/^fields here: (.*)$/s, (_all, fields: string) => {
      return `keys here: ${fields.split(', ').map(inWords).join(', ')}`;
    })
    .replace(/(?<=(?:, not|^expected) .*)\btrue or false$/, 'True or False');
}

/** Fields of one word that hints assign. */
const ASSIGNED: ReadonlySet<string> = new Set(['isolation', 'permissions', 'params']);

function inWords(quoted: string): string {
  const assigned = /^([A-Za-z]+): (.*)$/s.exec(quoted);
  const [, name = '', value = ''] = assigned ?? [];
  if (assigned !== null && (WORDS.has(name) || ASSIGNED.has(name)))
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
