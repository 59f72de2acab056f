import { type ArgumentParsers, parseArguments, parseParameters } from './argument-parser.ts';
import { Scanner } from './scanner.ts';
import { TokenStream } from './token-stream.ts';
import { tokenTitle } from './tokens.ts';
import type {
  ComprehensionClause,
  DictEntryNode,
  Expression,
  FormatNodePart,
  FunctionNode,
  NameNode,
} from './tree.ts';

const precedence: ReadonlyMap<string, number> = new Map([
  ['or', 0],
  ['and', 1],
  ['==', 3],
  ['!=', 3],
  ['<', 3],
  ['>', 3],
  ['<=', 3],
  ['>=', 3],
  ['in', 3],
  ['not in', 3],
  ['|', 4],
  ['^', 5],
  ['&', 6],
  ['<<', 7],
  ['>>', 7],
  ['-', 8],
  ['+', 8],
  ['*', 9],
  ['%', 9],
  ['/', 9],
  ['//', 9],
]);
const notPrecedence = 2;
const comparison = 3;
const unaryPrecedence = 10;

const exprListEnds: ReadonlySet<string> = new Set([
  'eof',
  'newline',
  '=',
  '}',
  ']',
  ')',
  ';',
  '+=',
  '-=',
  '*=',
  '/=',
  '//=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
]);

/** Recursive descent with precedence climbing. */
export class ExpressionParser implements ArgumentParsers {
  readonly tokens: TokenStream;
  readonly #maxNesting: number;

  constructor(tokens: TokenStream, maxNesting: number) {
    this.tokens = tokens;
    this.#maxNesting = maxNesting;
  }

  /** A test, or an unparenthesised tuple of them. */
  expressions(allowsTrailingComma = false): Expression {
    const first = this.test();
    if (!this.tokens.is(',')) return first;
    const items = this.#moreExpressions(first, allowsTrailingComma);
    return { kind: 'tuple', items, position: first.position, start: first.start };
  }

  test(): Expression {
    return this.tokens.nested(() => this.#test());
  }

  /** What may stand on the left of `in` in a loop. */
  loopVariables(): Expression {
    const first = this.#primaryWithSuffix();
    if (!this.tokens.is(',')) return first;
    const items = [first];
    while (this.tokens.is(',')) {
      this.tokens.advance();
      if (exprListEnds.has(this.tokens.kind) || this.tokens.is('in')) break;
      items.push(this.#primaryWithSuffix());
    }
    return { kind: 'tuple', items, position: first.position, start: first.start };
  }

  name(): NameNode {
    const { kind, text, position } = this.tokens.token;
    if (kind === 'reserved') this.tokens.reserved();
    if (kind !== 'identifier') this.tokens.fail('not an identifier');
    this.tokens.advance();
    return { kind: 'name', name: text, position, start: position, binding: undefined };
  }

  #test(): Expression {
    const { tokens } = this;
    if (tokens.is('lambda')) return this.#lambda(true);
    const whenTrue = this.#operators(0);
    if (!tokens.is('if')) return whenTrue;
    const position = tokens.advance();
    const condition = this.#operators(0);
    if (!tokens.is('else')) {
      tokens.failAt(position, 'conditional expression without else clause');
    }
    tokens.advance();
    const whenFalse = this.test();
    const { start } = whenTrue;
    return { kind: 'conditional', condition, whenTrue, whenFalse, position, start };
  }

  #testWithoutCondition(): Expression {
    if (this.tokens.is('lambda')) return this.#lambda(false);
    return this.#operators(0);
  }

  #lambda(allowsCondition: boolean): Expression {
    const { tokens } = this;
    const position = tokens.advance();
    const parameters = tokens.is(':') ? [] : parseParameters(this);
    tokens.consume(':');
    const body = allowsCondition ? this.test() : tokens.nested(() => this.#testWithoutCondition());
    const definition: FunctionNode = {
      name: 'lambda',
      position,
      parameters,
      body: [{ kind: 'return', value: body, position: body.position, start: body.start }],
      locals: [],
      free: [],
    };
    return { kind: 'lambda', definition, position, start: position };
  }

  #operators(level: number): Expression {
    if (level >= unaryPrecedence) return this.#primaryWithSuffix();
    const { tokens } = this;
    if (tokens.is('not') && level <= notPrecedence) {
      const position = tokens.advance();
      const operand = tokens.nested(() => this.#operators(notPrecedence));
      const negation: Expression = {
        kind: 'unary',
        operator: 'not',
        operand,
        position,
        start: position,
      };
      return level < notPrecedence ? this.#climb(negation, level) : negation;
    }
    return this.#climb(this.#primaryWithSuffix(), level);
  }

  /** Folds the operators of at least this precedence that follow. */
  #climb(first: Expression, level: number): Expression {
    const { tokens } = this;
    let left = first;
    let compared: string | undefined;
    for (let length = 0; ; length++) {
      tokens.checkChain(length);
      if (tokens.is('not')) {
        tokens.advance();
        if (!tokens.is('in')) tokens.unexpected('in');
        tokens.token = { ...tokens.token, kind: 'not in' };
      }
      const operator = tokens.kind;
      const strength = precedence.get(operator);
      if (strength === undefined || strength < level) return left;
      if (strength === comparison && compared !== undefined) {
        tokens.fail(`${compared} does not associate with ${operator} (use parens)`);
      }
      compared = strength === comparison ? operator : undefined;
      const position = tokens.advance();
      const right = this.#operators(strength + 1);
      left = { kind: 'binary', operator, left, right, position, start: left.start };
    }
  }

  #primaryWithSuffix(): Expression {
    const { tokens } = this;
    let node = this.#primary();
    for (let length = 0; ; length++) {
      tokens.checkChain(length);
      const { start } = node;
      switch (tokens.kind) {
        case '.': {
          const position = tokens.advance();
          const { name, position: namePosition } = this.name();
          node = { kind: 'dot', object: node, name, namePosition, position, start };
          break;
        }
        case '[':
          node = this.#indexOrSlice(node);
          break;
        case '(': {
          const position = tokens.advance();
          const args = parseArguments(this);
          node = { kind: 'call', callee: node, args, position, start };
          break;
        }
        default:
          return node;
      }
    }
  }

  #indexOrSlice(object: Expression): Expression {
    const { tokens } = this;
    const position = tokens.advance();
    const { start } = object;
    let low: Expression | undefined;
    if (!tokens.is(':')) {
      const index = this.expressions();
      if (tokens.is(']')) {
        tokens.advance();
        return { kind: 'index', object, index, position, start };
      }
      low = index;
    }
    let high: Expression | undefined;
    let step: Expression | undefined;
    if (tokens.is(':')) {
      tokens.advance();
      if (!tokens.is(':') && !tokens.is(']')) high = this.test();
      if (tokens.is(':')) {
        tokens.advance();
        if (!tokens.is(']')) step = this.test();
      }
    }
    tokens.consume(']');
    return { kind: 'slice', object, low, high, step, position, start };
  }

  #primary(): Expression {
    const { tokens } = this;
    const { kind, value, position } = tokens.token;
    switch (kind) {
      case 'identifier':
        return this.name();
      case 'int':
      case 'float':
      case 'string':
      case 'bytes':
        tokens.advance();
        if (value === undefined) break;
        return { kind: 'literal', value, position, start: position };
      case 'fstring':
        return this.#format();
      case '[':
        return this.#list();
      case '{':
        return this.#dict();
      case '(':
        return this.#parenthesized();
      case '-':
      case '+':
      case '~': {
        tokens.advance();
        const operand = tokens.nested(() => this.#primaryWithSuffix());
        return { kind: 'unary', operator: kind, operand, position, start: position };
      }
      default:
        break;
    }
    return tokens.unexpectedHere('primary expression');
  }

  /** The expressions of an f-string are parsed where they stand, so that positions are right. */
  #format(): Expression {
    const { tokens } = this;
    const { parts = [], position } = tokens.token;
    const { source, file, dialect } = tokens.scanner;
    const nodes: FormatNodePart[] = parts.map((part) => {
      if (part.expression === undefined) return { text: part.text ?? '' };
      const scanner = new Scanner(source, file, dialect, part.expression);
      const inner = new TokenStream(scanner, this.#maxNesting);
      inner.advance();
      const expression = new ExpressionParser(inner, this.#maxNesting).expressions();
      if (inner.kind === ':') {
        inner.fail('f-string format specifiers are not supported', 'use "%..." % value');
      }
      if (inner.kind !== 'eof') inner.unexpected("'}'");
      return { expression, isRepr: part.conversion === 'r' };
    });
    tokens.advance();
    return { kind: 'format', parts: nodes, position, start: position };
  }

  #parenthesized(): Expression {
    const { tokens } = this;
    const position = tokens.advance();
    if (tokens.is(')')) {
      tokens.advance();
      return { kind: 'tuple', items: [], position, start: position };
    }
    const node = this.expressions(true);
    tokens.consume(')');
    return node.kind === 'tuple' ? { ...node, start: position } : node;
  }

  #list(): Expression {
    const { tokens } = this;
    const position = tokens.advance();
    if (tokens.is(']')) {
      tokens.advance();
      return { kind: 'list', items: [], position, start: position };
    }
    const first = this.test();
    if (tokens.is('for')) return this.#comprehension(first, position, ']');
    const items = tokens.is(',') ? this.#moreExpressions(first, true) : [first];
    tokens.consume(']');
    return { kind: 'list', items, position, start: position };
  }

  #dict(): Expression {
    const { tokens } = this;
    const position = tokens.advance();
    const entries: DictEntryNode[] = [];
    if (!tokens.is('}')) {
      const first = this.#dictEntry();
      if (tokens.is('for')) return this.#comprehension(first, position, '}');
      entries.push(first);
    }
    while (tokens.is(',')) {
      tokens.advance();
      if (tokens.is('}')) break;
      entries.push(this.#dictEntry());
    }
    tokens.consume('}');
    return { kind: 'dict', entries, position, start: position };
  }

  #dictEntry(): DictEntryNode {
    const key = this.test();
    const position = this.tokens.consume(':');
    return { key, value: this.test(), position };
  }

  #comprehension(
    body: Expression | DictEntryNode,
    position: NameNode['position'],
    close: string,
  ): Expression {
    const { tokens } = this;
    const clauses: ComprehensionClause[] = [];
    while (!tokens.is(close)) {
      tokens.checkChain(clauses.length);
      if (tokens.is('for')) {
        const forPosition = tokens.advance();
        const target = this.loopVariables();
        tokens.consume('in');
        const iterable = this.#operators(0);
        clauses.push({ kind: 'for', target, iterable, position: forPosition });
      } else if (tokens.is('if')) {
        tokens.advance();
        const condition = tokens.nested(() => this.#testWithoutCondition());
        clauses.push({ kind: 'if', condition });
      } else {
        tokens.unexpected(`${tokenTitle(close)}, for, or if`);
      }
    }
    tokens.advance();
    return { kind: 'comprehension', body, clauses, position, start: position };
  }

  #moreExpressions(first: Expression, allowsTrailingComma: boolean): Expression[] {
    const { tokens } = this;
    const items = [first];
    while (tokens.is(',')) {
      const position = tokens.advance();
      if (exprListEnds.has(tokens.kind)) {
        if (!allowsTrailingComma) {
          tokens.failAt(position, 'unparenthesized tuple with trailing comma');
        }
        break;
      }
      items.push(this.test());
    }
    return items;
  }
}
