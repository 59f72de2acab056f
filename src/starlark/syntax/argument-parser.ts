import type { TokenStream } from './token-stream.ts';
import type { Argument, Expression, NameNode, Parameter } from './tree.ts';

/** What lists of arguments and parameters need of the expression parser. */
export interface ArgumentParsers {
  readonly tokens: TokenStream;
  test(): Expression;
  name(): NameNode;
}

/** Parses up to and with the closing parenthesis; the opening one is past. */
export function parseArguments(parsers: ArgumentParsers): Argument[] {
  const { tokens } = parsers;
  const args: Argument[] = [];
  while (!tokens.is(')') && !tokens.is('eof')) {
    if (args.length > 0) tokens.consume(',');
    if (tokens.is(')')) break;
    args.push(parseArgument(parsers));
  }
  tokens.consume(')');
  return args;
}

function parseArgument(parsers: ArgumentParsers): Argument {
  const { tokens } = parsers;
  const { position } = tokens.token;
  if (tokens.is('*') || tokens.is('**')) {
    const kind = tokens.is('*') ? 'star' : 'starstar';
    tokens.advance();
    return { kind, name: '', value: parsers.test(), position };
  }
  const value = parsers.test();
  if (!tokens.is('=')) return { kind: 'positional', name: '', value, position: value.start };
  const equals = tokens.advance();
  if (value.kind !== 'name') {
    return tokens.failAt(equals, 'keyword argument must have form name=expr');
  }
  return { kind: 'named', name: value.name, value: parsers.test(), position };
}

/** Parses parameters up to the closing parenthesis or colon. */
export function parseParameters(parsers: ArgumentParsers): Parameter[] {
  const { tokens } = parsers;
  const parameters: Parameter[] = [];
  while (!tokens.is(')') && !tokens.is(':') && !tokens.is('eof')) {
    if (parameters.length > 0) {
      if (!tokens.is(',')) tokens.unexpected("','");
      tokens.advance();
    }
    if (tokens.is(')')) break;
    parameters.push(parseParameter(parsers));
  }
  return parameters;
}

function parseParameter(parsers: ArgumentParsers): Parameter {
  const { tokens } = parsers;
  const { position } = tokens.token;
  if (tokens.is('*') || tokens.is('**')) {
    const kind = tokens.is('*') ? 'star' : 'starstar';
    tokens.advance();
    const isBare = kind === 'star' && !tokens.is('identifier');
    return { kind, name: isBare ? undefined : parsers.name(), fallback: undefined, position };
  }
  const name = parsers.name();
  if (tokens.is('=')) {
    tokens.advance();
    return { kind: 'plain', name, fallback: parsers.test(), position };
  }
  return { kind: 'plain', name, fallback: undefined, position };
}
