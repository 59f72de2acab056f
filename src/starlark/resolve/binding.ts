import type { Position } from '../position.ts';

/**
 * What a name stands for. `local` and `cell` are slots of the frame, `free` a slot that holds a
 * cell of an outer function, `global` a slot of the module; the others are known by name.
 */
export interface Binding {
  scope: 'local' | 'cell' | 'free' | 'global' | 'predeclared' | 'universal' | 'undefined';
  readonly name: string;
  index: number;
  /** Where the name was first bound. */
  readonly position: Position | undefined;
  /** Bound by `load`: not exported, and called local in messages. */
  readonly isLoaded: boolean;
}
