/** Reads a column as what the schema says it is. A value of another type is damage, not our bug. */
import { WhaleFlowError } from '../../base/errors.ts';

export type Row = Readonly<Record<string, unknown>>;

export function integerOf(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : refuse(column);
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column);
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column);
}

/**
 * The rows of a page, whose numbers grow from `after` on. A damaged tree of the file may give earlier ones
 * again: whoever goes on from the last of them would read for ever.
 * @throws {WhaleFlowError} WF7001
 */
export function growing(rows: readonly Row[], column: string, after: number): readonly Row[] {
  let last = after;
  for (const row of rows) {
    const number = integerOf(row, column);
    if (number <= last) throw outOfOrder(column);
    last = number;
  }
  return rows;
}

export function outOfOrder(column: string): WhaleFlowError {
  return new WhaleFlowError('WF7001', `the store holds rows out of the order of "${column}"`, {
    hint: 'run `whaleflow verify`',
  });
}

function refuse(column: string): never {
  throw new WhaleFlowError('WF7001', `the store holds a value of the wrong type in "${column}"`, {
    hint: 'run `whaleflow verify`',
  });
}
