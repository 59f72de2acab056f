import { StarlarkError } from '../error.ts';
import { locate } from '../run/locate.ts';
import type { NameNode } from '../syntax/tree.ts';
import { Cell, type Frame } from '../values/callable.ts';
import type { Value } from '../values/object.ts';
import type { Assign, Evaluate, Unit } from './unit.ts';

/** The slot of a plain local variable, for closures that read it themselves. */
export function localSlot(node: { readonly kind: string }): number | undefined {
  if (!isName(node)) return undefined;
  return node.binding?.scope === 'local' ? node.binding.index : undefined;
}

function isName(node: { readonly kind: string }): node is NameNode {
  return node.kind === 'name';
}

export function compileName(unit: Unit, node: NameNode): Evaluate {
  const { binding, name, position } = node;
  const index = binding?.index ?? 0;
  const unbound = (kind: 'local' | 'global'): never => {
    const message = `${kind} variable ${name} referenced before assignment`;
    throw locate(new StarlarkError(message), unit.site(position));
  };
  switch (binding?.scope) {
    case 'local':
      return (frame) => frame[index] ?? (frame[index] === null ? null : unbound('local'));
    case 'cell':
      return cellReader(index, unbound);
    case 'free':
      return cellReader(unit.freeStart + index, unbound);
    case 'global': {
      const { globals } = unit.module;
      const kind = binding.isLoaded ? 'local' : 'global';
      return () => {
        const value = globals[index];
        return value === undefined ? unbound(kind) : value;
      };
    }
    case 'predeclared':
    case 'universal': {
      const constant = unit.module.constant(name, binding.scope);
      return () => constant;
    }
    case 'undefined':
    case undefined:
      return () => unbound('global');
  }
}

function cellReader(slot: number, unbound: (kind: 'local') => never): Evaluate {
  return (frame) => {
    const value = cellAt(frame, slot).value;
    return value === undefined ? unbound('local') : value;
  };
}

/** @throws if the slot holds no cell: a bug of the resolver. */
export function cellAt(frame: Frame, slot: number): Cell {
  const cell: Value | undefined = frame[slot];
  if (!(cell instanceof Cell)) throw new Error(`slot ${slot} holds no cell`);
  return cell;
}

export function compileNameTarget(unit: Unit, node: NameNode): Assign {
  const { binding } = node;
  const index = binding?.index ?? 0;
  if (binding?.scope === 'local') {
    return (frame, value) => {
      frame[index] = value;
    };
  }
  if (binding?.scope === 'cell') {
    return (frame, value) => {
      cellAt(frame, index).value = value;
    };
  }
  const { globals } = unit.module;
  return (_frame, value) => {
    globals[index] = value;
  };
}
