import { type StarlarkDiagnostic, staticDiagnostic } from '../diagnostic.ts';
import type { Dialect } from '../dialect.ts';
import { parseParameters } from './argument-parser.ts';
import { ExpressionParser } from './expression-parser.ts';
import { parseLoad } from './load-parser.ts';
import { Scanner } from './scanner.ts';
import { SyntaxFailure } from './syntax-error.ts';
import { TokenStream } from './token-stream.ts';
import type { FileNode, FunctionNode, IfStatement, Statement } from './tree.ts';

const maxErrors = 20;

const assignments: ReadonlySet<string> = new Set([
  '=',
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

export interface Parsed {
  readonly tree: FileNode;
  readonly errors: readonly StarlarkDiagnostic[];
}

/** Parses a file. After a mistake it goes on at the next line, so that all can be shown at once. */
export function parseFile(
  source: string,
  file: string,
  dialect: Dialect,
  maxNesting: number,
): Parsed {
  return new StatementParser(source, file, dialect, maxNesting).parse();
}

class StatementParser {
  readonly #file: string;
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #errors: StarlarkDiagnostic[] = [];

  constructor(source: string, file: string, dialect: Dialect, maxNesting: number) {
    this.#file = file;
    this.#tokens = new TokenStream(new Scanner(source, file, dialect), maxNesting);
    this.#expressions = new ExpressionParser(this.#tokens, maxNesting);
  }

  parse(): Parsed {
    const statements: Statement[] = [];
    try {
      this.#fileStatements(statements);
    } catch (error) {
      if (!(error instanceof TooManyErrors)) throw error;
    }
    return { tree: { file: this.#file, statements }, errors: this.#errors };
  }

  #fileStatements(statements: Statement[]): void {
    const tokens = this.#tokens;
    this.#guard(statements, () => tokens.advance());
    while (!tokens.is('eof')) {
      this.#guard(statements, () => {
        // A dedent can only be left over from a block whose header was not understood.
        if (tokens.is('newline') || this.#isStray()) tokens.advance();
        else this.#statement(statements);
      });
    }
  }

  #isStray(): boolean {
    const isDent = this.#tokens.is('outdent') || this.#tokens.is('indent');
    return isDent && this.#errors.length > 0;
  }

  /** Runs one step; after a mistake, moves past the line, and reads the block that hangs on it. */
  #guard(statements: Statement[], step: () => void): void {
    const { nesting } = this.#tokens;
    let next = step;
    while (this.#errors.length < maxErrors) {
      try {
        next();
        return;
      } catch (error) {
        if (!(error instanceof SyntaxFailure)) throw error;
        const { position, message, hint } = error;
        this.#errors.push(staticDiagnostic(position, message, { hint }));
      }
      this.#tokens.nesting = nesting;
      next = () => {
        this.#tokens.recover();
        if (this.#tokens.is('indent')) this.#lostBlock(statements);
      };
    }
    throw new TooManyErrors();
  }

  #statement(into: Statement[]): void {
    switch (this.#tokens.kind) {
      case 'def':
        into.push(this.#def());
        return;
      case 'if':
        into.push(this.#if(0));
        return;
      case 'for':
        into.push(this.#for());
        return;
      case 'while':
        into.push(this.#while());
        return;
      default:
        this.#simpleStatement(into);
    }
  }

  #def(): Statement {
    const tokens = this.#tokens;
    const position = tokens.advance();
    const name = this.#expressions.name();
    tokens.consume('(');
    const parameters = parseParameters(this.#expressions);
    this.#rejectAnnotation(')');
    tokens.consume(')');
    this.#rejectAnnotation(':');
    tokens.consume(':');
    const body = this.#suite();
    const definition: FunctionNode = {
      name: name.name,
      position: name.position,
      parameters,
      body,
      locals: [],
      free: [],
    };
    return { kind: 'def', name, definition, position, start: position };
  }

  #rejectAnnotation(wanted: string): void {
    const tokens = this.#tokens;
    const isParameter = wanted === ')' && tokens.is(':');
    const isResult = wanted === ':' && tokens.is('-');
    if (isParameter || isResult) {
      tokens.failAt(
        tokens.token.position,
        'type annotations are not supported',
        'leave the annotation out; say it in a comment if it helps the reader',
      );
    }
  }

  #if(chain: number): IfStatement {
    const tokens = this.#tokens;
    tokens.checkChain(chain);
    const position = tokens.advance();
    const condition = this.#expressions.test();
    tokens.consume(':');
    const whenTrue = this.#suite();
    let whenFalse: readonly Statement[] = [];
    if (tokens.is('elif')) {
      whenFalse = [this.#if(chain + 1)];
    } else if (tokens.is('else')) {
      tokens.advance();
      tokens.consume(':');
      whenFalse = this.#suite();
    }
    return { kind: 'if', condition, whenTrue, whenFalse, position, start: position };
  }

  #for(): Statement {
    const tokens = this.#tokens;
    const position = tokens.advance();
    const target = this.#expressions.loopVariables();
    tokens.consume('in');
    const iterable = this.#expressions.expressions();
    tokens.consume(':');
    return { kind: 'for', target, iterable, body: this.#suite(), position, start: position };
  }

  #while(): Statement {
    const tokens = this.#tokens;
    const position = tokens.advance();
    const condition = this.#expressions.test();
    tokens.consume(':');
    const body = this.#suite();
    return { kind: 'while', condition, body, position, start: position };
  }

  #simpleStatement(into: Statement[]): void {
    const tokens = this.#tokens;
    for (;;) {
      into.push(this.#smallStatement());
      if (!tokens.is(';')) break;
      tokens.advance();
      if (tokens.is('newline') || tokens.is('eof')) break;
    }
    if (!tokens.is('eof')) tokens.consume('newline');
  }

  #smallStatement(): Statement {
    const tokens = this.#tokens;
    const { kind } = tokens;
    if (kind === 'return') return this.#return();
    if (kind === 'break' || kind === 'continue' || kind === 'pass') {
      const position = tokens.advance();
      return { kind, position, start: position };
    }
    if (kind === 'load') return parseLoad(this.#expressions);
    if (kind === 'reserved') tokens.reserved();
    const expression = this.#expressions.expressions();
    const { start } = expression;
    if (tokens.is(':') && expression.kind === 'name') this.#rejectVariableAnnotation();
    if (!assignments.has(tokens.kind)) {
      return { kind: 'expression', expression, position: start, start };
    }
    const operator = tokens.kind;
    const position = tokens.advance();
    const value = this.#expressions.expressions();
    return { kind: 'assign', operator, target: expression, value, position, start };
  }

  #rejectVariableAnnotation(): never {
    return this.#tokens.failAt(
      this.#tokens.token.position,
      'type annotations are not supported',
      'leave the annotation out',
    );
  }

  #return(): Statement {
    const tokens = this.#tokens;
    const position = tokens.advance();
    const isBare = tokens.is('eof') || tokens.is('newline') || tokens.is(';');
    const value = isBare ? undefined : this.#expressions.expressions();
    return { kind: 'return', value, position, start: position };
  }

  #suite(): readonly Statement[] {
    const tokens = this.#tokens;
    const statements: Statement[] = [];
    if (!tokens.is('newline')) {
      this.#simpleStatement(statements);
      return statements;
    }
    tokens.advance();
    tokens.consume('indent');
    tokens.nested(() => {
      while (!tokens.is('outdent') && !tokens.is('eof')) {
        if (tokens.is('newline')) tokens.advance();
        else this.#guard(statements, () => this.#statement(statements));
      }
    });
    tokens.consume('outdent');
    return statements;
  }

  /** The block under a header that could not be read. */
  #lostBlock(statements: Statement[]): void {
    const tokens = this.#tokens;
    tokens.advance();
    tokens.nested(() => {
      while (!tokens.is('outdent') && !tokens.is('eof')) {
        this.#guard(statements, () => this.#statement(statements));
      }
    });
    if (tokens.is('outdent')) tokens.advance();
  }
}

/** Unwinds the parser; the mistakes found so far are what is told. */
class TooManyErrors extends Error {}
