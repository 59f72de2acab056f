import type { ExpressionParser } from './expression-parser.ts';
import { tokenTitle } from './tokens.ts';
import type { LoadName, Statement } from './tree.ts';

/** `load("module", "name", local="name")`; the current token is `load`. */
export function parseLoad(expressions: ExpressionParser): Statement {
  const { tokens } = expressions;
  const position = tokens.advance();
  const opening = tokens.consume('(');
  const { value, position: modulePosition, endColumn: moduleEndColumn } = tokens.token;
  if (!tokens.is('string') || typeof value !== 'string') {
    return tokens.fail('first operand of load statement must be a string literal');
  }
  tokens.advance();
  const names: LoadName[] = [];
  while (!tokens.is(')') && !tokens.is('eof')) {
    tokens.consume(',');
    if (tokens.is(')')) break;
    names.push(parseLoadName(expressions));
  }
  tokens.consume(')');
  if (names.length === 0) {
    tokens.failAt(opening, 'load statement must import at least 1 symbol');
  }
  return {
    kind: 'load',
    module: value,
    modulePosition,
    moduleEndColumn,
    names,
    position,
    start: position,
  };
}

function parseLoadName(expressions: ExpressionParser): LoadName {
  const { tokens } = expressions;
  if (tokens.is('string')) {
    const { name: original, position: originalPosition } = parseQuoted(expressions);
    const local = {
      kind: 'name' as const,
      name: original,
      position: originalPosition,
      start: originalPosition,
      binding: undefined,
    };
    return { local, original, originalPosition };
  }
  if (!tokens.is('identifier')) {
    const got = tokenTitle(tokens.kind);
    tokens.fail(`load operand must be "name" or localname="name" (got ${got})`);
  }
  const local = expressions.name();
  const { name } = local;
  if (!tokens.is('=')) {
    tokens.fail(
      `load operand must be "${name}" or ${name}="originalname" (want '=' after ${name})`,
    );
  }
  tokens.advance();
  if (!tokens.is('string')) {
    tokens.fail(`original name of loaded symbol must be quoted: ${name}="originalname"`);
  }
  const { name: original, position: originalPosition } = parseQuoted(expressions);
  return { local, original, originalPosition };
}

/** The position is that of the name inside its quotes. */
function parseQuoted(expressions: ExpressionParser): {
  readonly name: string;
  readonly position: LoadName['originalPosition'];
} {
  const { value, position } = expressions.tokens.token;
  expressions.tokens.advance();
  return {
    name: typeof value === 'string' ? value : '',
    position: { ...position, column: position.column + 1 },
  };
}
