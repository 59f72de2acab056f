/**
 * Who drives a run. Every taking is a new epoch; appends of an older one are refused. A power cut may undo
 * one, with the process that took it: had it appended anything, that and its epoch were durable.
 */
import { isHeld } from '../lease-rule.ts';
import { isDriven, noSuchRun } from '../store-refusals.ts';
import type { AcquireOptions, Lease, LeaseHolder } from '../trace-store.ts';
import { integerOf, type Row, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

const SELECT = `SELECT id, epoch, pid, start, host, boot_id, heartbeat_at
  FROM run JOIN lease ON lease.run = run.no WHERE run.id = ?`;
const INSERT = `INSERT INTO lease (run, epoch, pid, start, host, boot_id, heartbeat_at)
  VALUES (?, 1, ?, ?, ?, ?, ?)`;
const TAKE = `UPDATE lease SET epoch = ?, pid = ?, start = ?, host = ?, boot_id = ?, heartbeat_at = ?
  WHERE run = (SELECT no FROM run WHERE id = ?)`;
const BEAT = `UPDATE lease SET heartbeat_at = ?
  WHERE run = (SELECT no FROM run WHERE id = ?) AND epoch = ? AND pid IS NOT NULL`;
const RELEASE = `UPDATE lease SET pid = NULL
  WHERE run = (SELECT no FROM run WHERE id = ?) AND epoch = ?`;

/** The lease that somebody holds; also within a transaction. */
export function leaseOf(connection: Connection, run: string): Lease | undefined {
  const row = connection.row(SELECT, run);
  return row === undefined || row['pid'] === null ? undefined : toLease(row);
}

/** Of a row that has the run’s id; one from before leases had a start has none. */
export function toLease(row: Row): Lease {
  const start = row['start'] ?? null;
  return {
    run: textOf(row, 'id'),
    epoch: integerOf(row, 'epoch'),
    pid: integerOf(row, 'pid'),
    ...(start === null ? {} : { start: textOf(row, 'start') }),
    host: textOf(row, 'host'),
    bootId: textOf(row, 'boot_id'),
    heartbeatAt: integerOf(row, 'heartbeat_at'),
  };
}

/** Within a transaction: the first lease of a new run. */
export function insertLease(
  connection: Connection,
  no: number,
  holder: LeaseHolder,
  at: number,
): void {
  const { pid, start = null, host, bootId } = holder;
  connection.prepare(INSERT).run(no, pid, start, host, bootId, at);
}

/** Within a transaction: takes the lease, unless a living holder has it. */
export function takeLease(
  connection: Connection,
  run: string,
  holder: LeaseHolder,
  options: AcquireOptions,
): Lease {
  const row = connection.row(SELECT, run);
  if (row === undefined) throw noSuchRun(run);
  const lease = leaseOf(connection, run);
  if (lease !== undefined && isHeld(lease, holder, options)) throw isDriven(lease);
  const epoch = integerOf(row, 'epoch') + 1;
  const { pid, start = null, host, bootId } = holder;
  connection.prepare(TAKE).run(epoch, pid, start, host, bootId, options.now, run);
  return { run, epoch, ...holder, heartbeatAt: options.now };
}

/** Within a transaction. False when the lease is no longer ours. */
export function beatLease(connection: Connection, run: string, epoch: number, at: number): boolean {
  return connection.prepare(BEAT).run(at, run, epoch).changes === 1;
}

/** Within a transaction. */
export function releaseLease(connection: Connection, run: string, epoch: number): void {
  connection.prepare(RELEASE).run(run, epoch);
}
