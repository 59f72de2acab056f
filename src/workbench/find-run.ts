/** Addresses as people type them: an id, its prefix, `@last`, `@2`, a name; `/PATH#attempt` behind it. */
import { WhaleFlowError } from '../base/errors.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { TraceStore } from '../trace/trace-store.ts';

export interface Address {
  readonly row: RunRow;
  /** The node, where one was named. */
  readonly path: string | undefined;
  readonly attempt: number | undefined;
}

/**
 * Finds the run that an address names.
 * @throws {WhaleFlowError} WF2004 no such run, WF2005 ambiguous prefix (with the candidates).
 */
export function findRun(store: TraceStore, address: string): Address {
  const slash = address.indexOf('/');
  const name = slash < 0 ? address : address.slice(0, slash);
  const rest = slash < 0 ? undefined : address.slice(slash + 1);
  const hash = rest?.lastIndexOf('#') ?? -1;
  const path = hash < 0 ? rest : rest?.slice(0, hash);
  const attempt = hash < 0 ? undefined : Number(rest?.slice(hash + 1));
  return { row: findRow(store, name), path, attempt };
}

function findRow(store: TraceStore, name: string): RunRow {
  const exact = store.run(name);
  if (exact !== undefined) return exact;
  const rows = store.runs();
  const place = name === '@last' ? 1 : /^@\d+$/.test(name) ? Number(name.slice(1)) : undefined;
  if (place !== undefined) return rows[place - 1] ?? noRun(name, rows);
  const named = rows.filter((row) => row.name === name);
  if (named.length > 0) return onlyOne(name, named);
  const fitting = rows.filter((row) => row.run.startsWith(name));
  return fitting.length === 0 ? noRun(name, rows) : onlyOne(name, fitting);
}

function onlyOne(name: string, fitting: readonly RunRow[]): RunRow {
  const [only, other] = fitting;
  if (only !== undefined && other === undefined) return only;
  throw new WhaleFlowError('WF2005', `${name} fits ${fitting.length} runs`, {
    notes: fitting.slice(0, 10).map((row) => `${row.run}  ${row.workflow}  ${row.state}`),
    hint: 'give the id, or more characters of it',
  });
}

function noRun(name: string, rows: readonly RunRow[]): never {
  throw new WhaleFlowError('WF2004', `no run ${name}`, {
    hint: rows.length === 0 ? 'there are no runs yet: whaleflow demo' : 'see them: whaleflow ls',
  });
}
