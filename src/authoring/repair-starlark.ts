/**
 * Mends what models and Python writers get wrong most often in workflow files: on tokens, so that text
 * inside strings and comments is never touched. One pass; what it would do is for a person to see first.
 */

import type { SourceToken } from '../starlark/tokens.ts';
import { tokensOf } from '../starlark/tokens.ts';
import { builtinTable } from './starlark/builtin-table.ts';

export interface Repair {
  readonly line: number;
  /** What was changed, as a sentence. */
  readonly says: string;
}

export interface RepairedText {
  readonly text: string;
  readonly repairs: readonly Repair[];
}

interface Edit extends Repair {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

const BUILTINS: ReadonlySet<string> = new Set(builtinTable.map(({ name }) => name));
/** Objects that other workflow languages hang their functions on. */
const CONTEXTS: ReadonlySet<string> = new Set([
  'ctx',
  'context',
  'wf',
  'flow',
  'whaleflow',
  'self',
]);
/** What other workflow languages call our builtins. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  [
    ['parallel', 'branch'],
    ['fan_out', 'branch'],
    ['serial', 'sequence'],
    ['pipeline', 'sequence'],
    ['bash', 'shell'],
    ['llm', 'ask'],
    ['loop', 'loop_until'],
  ].filter((pair): pair is [string, string] => BUILTINS.has(pair[1] ?? '')),
);
const CONSTANTS: ReadonlyMap<string, string> = new Map([
  ['true', 'True'],
  ['false', 'False'],
  ['null', 'None'],
  ['none', 'None'],
  ['undefined', 'None'],
]);
const OPERANDS: ReadonlySet<string> = new Set(['identifier', 'string', 'int', 'float', 'fstring']);

export function repairStarlark(source: string, file: string): RepairedText {
  const edits = findEdits(tokensOf(source, file));
  let text = '';
  let end = 0;
  for (const { from, to, by } of edits) {
    text += source.slice(end, from) + by;
    end = to;
  }
  return {
    text: text + source.slice(end),
    repairs: edits.map(({ line, says }) => ({ line, says })),
  };
}

function findEdits(tokens: readonly SourceToken[]): readonly Edit[] {
  const edits: Edit[] = [];
  const own = boundNames(tokens);
  const brackets: string[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    const before = tokens[index - 1];
    if (')]}'.includes(token.kind)) brackets.pop();
    const around: Around = { tokens, index, token, own, bracket: brackets.at(-1) };
    const edit =
      importLine(around) ??
      contextCall(around) ??
      constant(around) ??
      missingComma(around) ??
      trailingComma(around) ??
      elseIf(around) ??
      colonArgument(around);
    if ('([{'.includes(token.kind)) brackets.push(token.kind);
    if (edit === undefined || edit.from < (edits.at(-1)?.to ?? 0)) continue;
    edits.push({
      ...edit,
      line: before === undefined || edit.from >= token.from ? token.line : before.line,
    });
  }
  return edits;
}

interface Around {
  readonly tokens: readonly SourceToken[];
  readonly index: number;
  readonly token: SourceToken;
  /** Names that the file itself binds. */
  readonly own: ReadonlySet<string>;
  /** The innermost open bracket. */
  readonly bracket: string | undefined;
}

type Found = Omit<Edit, 'line'> | undefined;

function boundNames(tokens: readonly SourceToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach(({ kind, text }, index) => {
    const before = tokens[index - 1]?.kind;
    const after = tokens[index + 1]?.kind;
    const isBound = after === '=' || before === 'def' || before === 'for' || before === 'lambda';
    const isParameter = (before === '(' || before === ',') && (after === ',' || after === ')');
    if (kind === 'identifier' && (isBound || isParameter) && after !== '.') names.add(text);
  });
  return names;
}

/** `import x` and `from x import y` have no meaning here: the builtins are there already. */
function importLine({ tokens, index, token }: Around): Found {
  if (token.kind !== 'reserved' || !(token.text === 'import' || token.text === 'from')) {
    return undefined;
  }
  const before = tokens[index - 1]?.kind ?? 'newline';
  if (before !== 'newline' && before !== 'outdent' && before !== 'indent') return undefined;
  const last = tokens.slice(index).find(({ kind }) => kind === 'newline' || kind === 'eof');
  if (last === undefined) return undefined;
  return {
    from: token.from,
    to: last.to,
    by: '',
    says: 'the builtins are known without an import',
  };
}

/** `ctx.parallel(` is `branch(`. */
function contextCall({ tokens, index, token, own }: Around): Found {
  if (token.kind !== 'identifier' || tokens[index - 1]?.kind === '.') return undefined;
  const [dot, name, open] = [tokens[index + 1], tokens[index + 2], tokens[index + 3]];
  if (
    CONTEXTS.has(token.text) &&
    !own.has(token.text) &&
    dot?.kind === '.' &&
    name !== undefined &&
    open?.kind === '('
  ) {
    const by = ALIASES.get(name.text) ?? name.text;
    if (!BUILTINS.has(by)) return undefined;
    return { from: token.from, to: name.to, by, says: `${token.text}.${name.text} is ${by} here` };
  }
  const alias = ALIASES.get(token.text);
  if (alias === undefined || BUILTINS.has(token.text) || own.has(token.text) || dot?.kind !== '(')
    return undefined;
  return { from: token.from, to: token.to, by: alias, says: `${token.text} is ${alias} here` };
}

function constant({ tokens, index, token, own }: Around): Found {
  const by = token.kind === 'identifier' ? CONSTANTS.get(token.text) : undefined;
  if (by === undefined || own.has(token.text)) return undefined;
  const isField = tokens[index - 1]?.kind === '.' || tokens[index + 1]?.kind === '.';
  if (isField) return undefined;
  return { from: token.from, to: token.to, by, says: `${token.text} is written ${by}` };
}

/** Two values on two lines between brackets have a comma between them; two strings of a call, a plus. */
function missingComma({ tokens, index, token, bracket }: Around): Found {
  const before = tokens[index - 1];
  if (bracket === undefined || before === undefined || token.line === before.line) return undefined;
  if (!OPERANDS.has(token.kind) || !(OPERANDS.has(before.kind) || ')]}'.includes(before.kind)))
    return undefined;
  const areTexts = before.kind === 'string' && token.kind === 'string' && bracket === '(';
  return areTexts
    ? { from: before.to, to: before.to, by: ' +', says: 'strings are joined with +' }
    : { from: before.to, to: before.to, by: ',', says: 'a comma was missing' };
}

/** `x = node(...),` would be a tuple. */
function trailingComma({ tokens, index, token, bracket }: Around): Found {
  if (token.kind !== ',' || bracket !== undefined) return undefined;
  const after = tokens[index + 1]?.kind;
  if (after !== 'newline' && after !== 'eof') return undefined;
  return {
    from: token.from,
    to: token.to,
    by: '',
    says: 'a comma at the end of a line makes a tuple',
  };
}

function elseIf({ tokens, index, token }: Around): Found {
  const next = tokens[index + 1];
  const before = tokens[index - 1]?.kind;
  const isStart = before === 'newline' || before === 'outdent';
  if (token.kind !== 'else' || next?.kind !== 'if' || !isStart) return undefined;
  return { from: token.from, to: next.to, by: 'elif', says: 'else if is written elif' };
}

/** `ask(id: "x")` is `ask(id = "x")`. */
function colonArgument({ tokens, index, token, bracket }: Around): Found {
  if (token.kind !== ':' || bracket !== '(') return undefined;
  const [opening, name] = [tokens[index - 2]?.kind, tokens[index - 1]];
  if (name?.kind !== 'identifier' || !(opening === '(' || opening === ',')) return undefined;
  const line = tokens
    .slice(0, index)
    .findLastIndex(({ kind }) => kind === 'def' || kind === 'lambda');
  if (line >= 0 && tokens[line]?.line === token.line) return undefined;
  return { from: token.from, to: token.to, by: ' =', says: 'named arguments take =' };
}
