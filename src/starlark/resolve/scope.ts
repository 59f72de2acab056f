import type { Position } from '../position.ts';
import type { FunctionNode } from '../syntax/tree.ts';
import type { Binding } from './binding.ts';

/** A function's variables. Comprehensions are blocks of the function around them. */
export interface FunctionScope {
  readonly kind: 'function';
  readonly parent: Scope;
  readonly owner: FunctionScope;
  readonly definition: FunctionNode;
  readonly names: Map<string, Binding>;
  /** Captured variables of outer functions, by the binding they have there. */
  readonly captured: Map<Binding, Binding>;
}

/** The names a comprehension binds; its slots belong to the function it stands in. */
export interface BlockScope {
  readonly kind: 'block';
  readonly parent: Scope;
  readonly owner: FunctionScope | ModuleScope;
  readonly names: Map<string, Binding>;
}

export interface ModuleScope {
  readonly kind: 'module';
  readonly names: Map<string, Binding>;
  /** Comprehension variables outside functions live in the frame of the top level. */
  readonly locals: Binding[];
}

export type Scope = FunctionScope | BlockScope | ModuleScope;

export function ownerOf(scope: Scope): FunctionScope | ModuleScope {
  return scope.kind === 'module' ? scope : scope.owner;
}

/** Declares a local variable in a function or block, unless it is there already. */
export function declareLocal(
  scope: FunctionScope | BlockScope,
  name: string,
  position: Position,
): Binding {
  const known = scope.names.get(name);
  if (known !== undefined) return known;
  const { owner } = scope;
  const locals = owner.kind === 'module' ? owner.locals : owner.definition.locals;
  const binding: Binding = {
    scope: 'local',
    name,
    index: locals.length,
    position,
    isLoaded: false,
  };
  locals.push(binding);
  scope.names.set(name, binding);
  return binding;
}

/** The binding by which `scope` reaches a variable of an outer function. */
export function capture(scope: FunctionScope, outer: Binding, home: Scope): Binding {
  const known = scope.captured.get(outer);
  if (known !== undefined) return known;
  const parent = ownerOf(scope.parent);
  if (parent === ownerOf(home)) {
    if (outer.scope === 'local') outer.scope = 'cell';
    return addFree(scope, outer, outer);
  }
  if (parent.kind === 'module') return outer;
  return addFree(scope, outer, capture(parent, outer, home));
}

function addFree(scope: FunctionScope, outer: Binding, source: Binding): Binding {
  const { free } = scope.definition;
  const binding: Binding = { ...source, scope: 'free', index: free.length };
  free.push(source);
  scope.captured.set(outer, binding);
  return binding;
}
