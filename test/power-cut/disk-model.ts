/**
 * A disk that forgets. What was fsynced is there after a power cut; of the rest nothing is (`dropped`), or
 * any 512-byte sectors of it (`torn`). A name is durable once its folder was fsynced; names change in
 * their order. After the model of ALICE (Pillai et al., OSDI 2014) and SQLite’s crash tests.
 */
import { dirname } from 'node:path';
import type { Dice } from '../engine/chance.ts';
import type { DiskCall } from './record-syscalls.ts';

const SECTOR_BYTES = 512;

type Change = Extract<DiskCall, { readonly call: 'write' | 'truncate' }>;

interface File {
  durable: Buffer;
  /** Length as the running process sees it. */
  length: number;
  readonly pending: { readonly change: Change; readonly at: number }[];
}

interface NameChange {
  readonly path: string;
  /** What the name stands for from now on; undefined for nothing. */
  readonly file: File | undefined;
}

export class DiskModel {
  readonly #live = new Map<string, File>();
  readonly #durable = new Map<string, File>();
  /** Folder → changes of its names since it was fsynced. */
  readonly #names = new Map<string, NameChange[]>();

  do(call: DiskCall): void {
    if (call.call === 'create') this.#create(call.path);
    else if (call.call === 'unlink') this.#name(call.path, undefined);
    else if (call.call === 'sync') this.#sync(call.path);
    else if (call.call === 'rename') {
      this.#name(call.to, this.#fileAt(call.path));
      this.#name(call.path, undefined);
    } else if (call.call !== 'said') this.#change(call);
  }

  /** What is found after a power cut now: path → content. */
  cut(kind: 'dropped' | 'torn', dice: Dice): ReadonlyMap<string, Buffer> {
    const names = new Map(this.#durable);
    for (const changes of kind === 'torn' ? this.#names.values() : []) {
      for (const { path, file } of changes.slice(0, dice.below(changes.length + 1))) {
        if (file === undefined) names.delete(path);
        else names.set(path, file);
      }
    }
    const contentOf = (file: File): Buffer =>
      kind === 'dropped' ? file.durable : torn(file, dice);
    return new Map(Array.from(names, ([path, file]) => [path, contentOf(file)]));
  }

  #create(path: string): void {
    if (this.#live.has(path)) return;
    this.#name(path, { durable: Buffer.alloc(0), length: 0, pending: [] });
  }

  #change(change: Change): void {
    const file = this.#fileAt(change.path);
    const isWrite = change.call === 'write';
    const at = isWrite ? (change.offset ?? file.length) : change.length;
    file.pending.push({ change, at });
    file.length = isWrite ? Math.max(file.length, at + change.data.length) : at;
  }

  #fileAt(path: string): File {
    const file = this.#live.get(path);
    if (file === undefined) throw new Error(`${path} was never made`);
    return file;
  }

  #name(path: string, file: File | undefined): void {
    if (file === undefined) this.#live.delete(path);
    else this.#live.set(path, file);
    const folder = dirname(path);
    this.#names.set(folder, [...(this.#names.get(folder) ?? []), { path, file }]);
  }

  #sync(path: string): void {
    const file = this.#live.get(path);
    if (file !== undefined) {
      for (const { change, at } of file.pending) file.durable = changed(file.durable, change, at);
      file.pending.length = 0;
      return;
    }
    for (const { path: name, file: named } of this.#names.get(path) ?? []) {
      if (named === undefined) this.#durable.delete(name);
      else this.#durable.set(name, named);
    }
    this.#names.delete(path);
  }
}

/** Each sector that was written since the last fsync is on the disk or not. */
function torn({ durable, pending }: File, dice: Dice): Buffer {
  let content = durable;
  for (const { change, at } of pending) {
    if (change.call === 'truncate') {
      if (dice.once(2)) content = changed(content, change, at);
      continue;
    }
    for (let from = 0; from < change.data.length; ) {
      const to = from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES);
      const data = change.data.subarray(from, to);
      if (dice.once(2)) content = changed(content, { ...change, data }, at + from);
      from = to;
    }
  }
  return content;
}

function changed(content: Buffer, change: Change, at: number): Buffer {
  const bytes = change.call === 'write' ? change.data.length : 0;
  const length = change.call === 'write' ? Math.max(content.length, at + bytes) : at;
  const after = Buffer.alloc(length);
  content.copy(after);
  if (change.call === 'write') change.data.copy(after, at);
  return after;
}
