/** A place in a source file; lines and columns count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a call was written: its opening parenthesis, and the start of the callee before it. */
export interface CallPosition extends Position {
  readonly callee: Position;
}

export function formatPosition(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}
