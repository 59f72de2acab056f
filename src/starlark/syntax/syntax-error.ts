import type { Position } from '../position.ts';

/** How scanner and parser give up a statement; it never leaves `syntax/`. */
export class SyntaxFailure extends Error {
  readonly position: Position;
  readonly hint: string | undefined;

  constructor(position: Position, message: string, hint?: string) {
    super(message);
    this.position = position;
    this.hint = hint;
  }
}
