/** Words for drivers, from other processes. A driver’s append consumes the ones it acted on. */
import { noSuchRun } from '../store-refusals.ts';
import type { Command, CommandRow } from '../trace-store.ts';
import { integerOf, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

const INSERT = `INSERT INTO command (run, at, body)
  SELECT no, ?, ? FROM run WHERE id = ?`;
const SELECT = `SELECT command.id, at, body FROM command JOIN run ON run.no = command.run
  WHERE run.id = ? ORDER BY command.id`;

/** Within a transaction. */
export function insertCommand(
  connection: Connection,
  word: {
    readonly run: string;
    readonly by: string;
    readonly at: number;
    readonly command: Command;
  },
): number {
  const { run, by, at, command } = word;
  const body = JSON.stringify({ by, command });
  const { changes, lastInsertRowid } = connection.prepare(INSERT).run(at, body, run);
  if (changes === 0) throw noSuchRun(run);
  return Number(lastInsertRowid);
}

export function readCommands(connection: Connection, run: string): readonly CommandRow[] {
  const rows = connection.rows(SELECT, run);
  return rows.map((row) => ({
    id: integerOf(row, 'id'),
    run,
    at: integerOf(row, 'at'),
    ...(JSON.parse(textOf(row, 'body')) as Pick<CommandRow, 'by' | 'command'>),
  }));
}
