import { type StarlarkDiagnostic, staticDiagnostic } from '../diagnostic.ts';
import type { Dialect } from '../dialect.ts';
import { suggestion } from '../did-you-mean.ts';
import { formatPosition, type Position } from '../position.ts';
import { whileAdvice } from '../syntax/tokens.ts';
import type {
  Argument,
  CallNode,
  ComprehensionNode,
  Expression,
  FileNode,
  FunctionNode,
  LoadStatement,
  NameNode,
  Statement,
} from '../syntax/tree.ts';
import { checkArguments, checkParameters } from './argument-checks.ts';
import type { Binding } from './binding.ts';
import { boundNames } from './bound-names.ts';
import { frameOrder } from './frame-order.ts';
import { nodeTitle } from './node-title.ts';
import {
  type BlockScope,
  capture,
  declareLocal,
  type FunctionScope,
  type ModuleScope,
  ownerOf,
  type Scope,
} from './scope.ts';

export interface ResolverOptions {
  readonly dialect: Dialect;
  readonly isPredeclared: (name: string) => boolean;
  readonly isUniversal: (name: string) => boolean;
  /** Names offered when one is misspelt, besides those the file binds. */
  readonly knownNames: Iterable<string>;
}

export interface Resolved {
  /** The module's variables by slot, `load`ed ones among them. */
  readonly globals: readonly Binding[];
  /** Slots of the top level's own frame. */
  readonly locals: readonly Binding[];
  readonly errors: readonly StarlarkDiagnostic[];
}

/**
 * Gives every name of a file its binding, and finds all mistakes that need no evaluation.
 * Variables are told from their binding sites first; so a use may stand before the binding.
 */
export function resolveFile(tree: FileNode, options: ResolverOptions): Resolved {
  return new Resolver(options).resolve(tree);
}

const mostSuggestions = 50;
const doesNot = 'this Starlark dialect does not support';

class Resolver {
  readonly #options: ResolverOptions;
  readonly #module: ModuleScope = { kind: 'module', names: new Map(), locals: [] };
  readonly #globals: Binding[] = [];
  /** Globals whose binding the walk has passed. */
  readonly #passed = new Set<string>();
  readonly #errors: StarlarkDiagnostic[] = [];
  #loops = 0;
  #conditionals = 0;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  resolve(tree: FileNode): Resolved {
    for (const { name, isLoaded } of boundNames(tree.statements))
      this.#declareGlobal(name, isLoaded);
    this.#statements(tree.statements, this.#module);
    const errors = this.#errors.toSorted((x, y) => x.line - y.line || x.column - y.column);
    return { globals: this.#globals, locals: this.#module.locals, errors };
  }

  readonly fail = (position: Position, message: string, hint?: string): void => {
    this.#errors.push(staticDiagnostic(position, message, { hint }));
  };

  #declareGlobal(node: NameNode, isLoaded: boolean): void {
    const { names } = this.#module;
    if (names.has(node.name)) return;
    const binding: Binding = {
      scope: 'global',
      name: node.name,
      index: this.#globals.length,
      position: node.position,
      isLoaded: isLoaded && !this.#options.dialect.loadBindsGlobally,
    };
    this.#globals.push(binding);
    names.set(node.name, binding);
  }

  #statements(statements: readonly Statement[], scope: Scope): void {
    for (const statement of statements) this.#statement(statement, scope);
  }

  #statement(statement: Statement, scope: Scope): void {
    switch (statement.kind) {
      case 'expression':
        this.#expression(statement.expression, scope);
        return;
      case 'assign':
        this.#expression(statement.value, scope);
        this.#assign(statement.target, scope, statement.operator !== '=');
        return;
      case 'def':
        this.#bind(statement.name, scope);
        this.#function(statement.definition, scope);
        return;
      case 'return':
        if (scope.kind === 'module') {
          this.fail(statement.position, 'return statement not within a function');
        }
        if (statement.value !== undefined) this.#expression(statement.value, scope);
        return;
      case 'break':
      case 'continue':
        if (this.#loops === 0) this.fail(statement.position, `${statement.kind} not in a loop`);
        return;
      case 'pass':
        return;
      case 'load':
        this.#load(statement, scope);
        return;
      case 'if':
      case 'for':
      case 'while':
        this.#control(statement, scope);
    }
  }

  #control(statement: Extract<Statement, { kind: 'if' | 'for' | 'while' }>, scope: Scope): void {
    const { dialect } = this.#options;
    const what = statement.kind === 'if' ? 'if statement' : `${statement.kind} loop`;
    if (statement.kind === 'while' && !dialect.while) {
      this.fail(statement.position, `${doesNot} while loops`, whileAdvice);
    }
    if (scope.kind === 'module' && !dialect.topLevelControl) {
      this.fail(statement.position, `${what} not within a function`);
    }
    if (statement.kind === 'if') {
      this.#expression(statement.condition, scope);
      this.#conditionals++;
      this.#statements(statement.whenTrue, scope);
      this.#statements(statement.whenFalse, scope);
      this.#conditionals--;
      return;
    }
    if (statement.kind === 'for') {
      this.#expression(statement.iterable, scope);
      this.#assign(statement.target, scope, false);
    } else {
      this.#expression(statement.condition, scope);
    }
    this.#loops++;
    this.#statements(statement.body, scope);
    this.#loops--;
  }

  #load(statement: LoadStatement, scope: Scope): void {
    if (scope.kind !== 'module') {
      this.fail(statement.position, 'load statement within a function');
    } else if (this.#loops > 0) {
      this.fail(statement.position, 'load statement within a loop');
    } else if (this.#conditionals > 0) {
      this.fail(statement.position, 'load statement within a conditional');
    }
    for (const { local, original, originalPosition } of statement.names) {
      if (original === '') this.fail(originalPosition, 'load: empty identifier');
      else if (original.startsWith('_')) {
        this.fail(
          originalPosition,
          `load: names with leading underscores are not exported: ${original}`,
        );
      }
      this.#bind(local, scope, true);
    }
  }

  #assign(target: Expression, scope: Scope, isAugmented: boolean): void {
    switch (target.kind) {
      case 'name':
        // An augmented assignment may rebind what it reads, so it counts as a use as well.
        this.#bind(target, scope);
        return;
      case 'dot':
        this.#expression(target.object, scope);
        return;
      case 'index':
        this.#expression(target.object, scope);
        this.#expression(target.index, scope);
        return;
      case 'list':
      case 'tuple':
        if (isAugmented) {
          const message = `can't use ${target.kind} expression in augmented assignment`;
          this.fail(target.start, message);
        }
        for (const item of target.items) this.#assign(item, scope, isAugmented);
        return;
      default:
        this.fail(target.start, `can't assign to ${nodeTitle(target)}`);
    }
  }

  #bind(node: NameNode, scope: Scope, isLoad = false): void {
    if (scope.kind !== 'module') {
      node.binding = declareLocal(scope, node.name, node.position);
      return;
    }
    const binding = this.#module.names.get(node.name);
    node.binding = binding;
    const isFirst = !this.#passed.has(node.name);
    this.#passed.add(node.name);
    if (isFirst || this.#options.dialect.globalReassign || binding === undefined) return;
    if (isLoad && binding.isLoaded) {
      this.fail(node.position, `cannot reassign top-level ${node.name}`);
      return;
    }
    const kind = binding.isLoaded ? 'local' : 'global';
    const place = binding.position === undefined ? '' : formatPosition(binding.position);
    this.fail(node.position, `cannot reassign ${kind} ${node.name} declared at ${place}`);
  }

  #function(definition: FunctionNode, scope: Scope): void {
    for (const { fallback } of definition.parameters) {
      if (fallback !== undefined) this.#expression(fallback, scope);
    }
    checkParameters(definition.parameters, this.fail);
    const inner = this.#functionScope(definition, scope);
    for (const parameter of frameOrder(definition.parameters)) {
      const { name } = parameter;
      if (name === undefined) continue;
      if (inner.names.has(name.name)) {
        this.fail(parameter.position, `duplicate parameter: ${name.name}`);
      }
      name.binding = declareLocal(inner, name.name, name.position);
    }
    for (const { name } of boundNames(definition.body)) {
      declareLocal(inner, name.name, name.position);
    }
    const outer = [this.#loops, this.#conditionals] as const;
    this.#loops = 0;
    this.#conditionals = 0;
    this.#statements(definition.body, inner);
    [this.#loops, this.#conditionals] = outer;
  }

  #functionScope(definition: FunctionNode, parent: Scope): FunctionScope {
    const scope: Omit<FunctionScope, 'owner'> & { owner?: FunctionScope } = {
      kind: 'function',
      parent,
      definition,
      names: new Map(),
      captured: new Map(),
    };
    return Object.assign(scope, { owner: scope as FunctionScope });
  }

  #expression(node: Expression, scope: Scope): void {
    switch (node.kind) {
      case 'name':
        node.binding = this.#use(node, scope);
        return;
      case 'literal':
        return;
      case 'format':
        for (const part of node.parts) {
          if ('expression' in part) this.#expression(part.expression, scope);
        }
        return;
      case 'list':
      case 'tuple':
        for (const item of node.items) this.#expression(item, scope);
        return;
      case 'dict':
        for (const { key, value } of node.entries) this.#all([key, value], scope);
        return;
      case 'comprehension':
        this.#comprehension(node, scope);
        return;
      case 'lambda':
        this.#function(node.definition, scope);
        return;
      case 'conditional':
        this.#all([node.condition, node.whenTrue, node.whenFalse], scope);
        return;
      case 'unary':
        this.#expression(node.operand, scope);
        return;
      case 'binary':
        this.#all([node.left, node.right], scope);
        return;
      case 'dot':
        this.#expression(node.object, scope);
        return;
      case 'index':
        this.#all([node.object, node.index], scope);
        return;
      case 'slice':
        this.#all([node.object, node.low, node.high, node.step], scope);
        return;
      case 'call':
        this.#call(node, scope);
    }
  }

  #all(nodes: readonly (Expression | undefined)[], scope: Scope): void {
    for (const node of nodes) if (node !== undefined) this.#expression(node, scope);
  }

  #call(node: CallNode, scope: Scope): void {
    this.#expression(node.callee, scope);
    const args: readonly Argument[] = node.args;
    for (const { value } of args) this.#expression(value, scope);
    checkArguments(args, this.fail);
  }

  /** One block for all clauses; only the first operand is resolved outside it. */
  #comprehension(node: ComprehensionNode, scope: Scope): void {
    const block: BlockScope = {
      kind: 'block',
      parent: scope,
      owner: ownerOf(scope),
      names: new Map(),
    };
    const [first, ...others] = node.clauses;
    if (first?.kind === 'for') this.#expression(first.iterable, scope);
    for (const clause of node.clauses) {
      if (clause.kind !== 'for') continue;
      for (const name of boundNames([assignment(clause.target)])) {
        declareLocal(block, name.name.name, name.name.position);
      }
    }
    if (first?.kind === 'for') this.#assign(first.target, block, false);
    for (const clause of others) {
      if (clause.kind === 'if') {
        this.#expression(clause.condition, block);
      } else {
        this.#expression(clause.iterable, block);
        this.#assign(clause.target, block, false);
      }
    }
    if ('key' in node.body) this.#all([node.body.key, node.body.value], block);
    else this.#expression(node.body, block);
  }

  #use(node: NameNode, scope: Scope): Binding {
    const { name } = node;
    for (let at: Scope = scope; at.kind !== 'module'; at = at.parent) {
      const binding = at.names.get(name);
      if (binding !== undefined) return this.#reach(scope, at, binding);
    }
    return this.#useGlobal(node, scope);
  }

  #reach(from: Scope, home: Scope, binding: Binding): Binding {
    const user = ownerOf(from);
    if (user === ownerOf(home) || user.kind === 'module') return binding;
    return capture(user, binding, home);
  }

  /** With reassignment, a use at the top level sees only the globals bound before it. */
  #useGlobal(node: NameNode, scope: Scope): Binding {
    const { name, position } = node;
    const { dialect } = this.#options;
    const isOrdered = dialect.globalReassign && scope.kind === 'module';
    const global = this.#module.names.get(name);
    if (global !== undefined && (!isOrdered || this.#passed.has(name))) return global;
    const other = { name, index: 0, position: undefined, isLoaded: false };
    if (this.#options.isPredeclared(name)) return { ...other, scope: 'predeclared' };
    if (this.#options.isUniversal(name)) {
      if (name === 'set' && !dialect.set) this.fail(position, `${doesNot} sets`);
      return { ...other, scope: 'universal' };
    }
    const isEarly = this.#errors.length < mostSuggestions;
    const message = `undefined: ${name}${isEarly ? suggestion(name, this.#visible(scope)) : ''}`;
    const endColumn = position.column + name.length;
    this.#errors.push(staticDiagnostic(position, message, { endColumn }));
    return { ...other, scope: 'undefined' };
  }

  #visible(scope: Scope): Set<string> {
    const names = new Set(this.#options.knownNames);
    let at: Scope = scope;
    for (; at.kind !== 'module'; at = at.parent)
      for (const name of at.names.keys()) names.add(name);
    for (const name of at.names.keys()) names.add(name);
    return names;
  }
}

function assignment(target: Expression): Statement {
  const { position, start } = target;
  return { kind: 'assign', operator: '=', target, value: target, position, start };
}
