/**
 * Objects of git made in our own process, where it is known what they hold: their names, and a pack
 * (gitformat-pack(5)) by which git takes several of them in one call. Git writes them, never we.
 */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { OWN_ADDRESS, OWN_NAME } from './hardened-environment.ts';
import type { RepositorySettings } from './repository-settings.ts';

type ObjectFormat = RepositorySettings['objectFormat'];

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob';
  readonly data: Uint8Array;
}

const TYPE_NUMBERS = { commit: 1, tree: 2, blob: 3 } as const;

export function objectName({ type, data }: GitObject, format: ObjectFormat): string {
  return createHash(format).update(`${type} ${data.length}\0`).update(data).digest('hex');
}

export function toPack(objects: readonly GitObject[], format: ObjectFormat): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const entries = objects.flatMap((object) => [entryHead(object), deflateSync(object.data)]);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

/** A commit in our name, made now. */
export function ownCommit({
  tree,
  parent,
  message,
}: {
  readonly tree: string;
  readonly parent: string;
  readonly message: string;
}): GitObject {
  const person = `${OWN_NAME} <${OWN_ADDRESS}> ${Math.floor(Date.now() / 1000)} +0000`;
  const lines = [`tree ${tree}`, `parent ${parent}`, `author ${person}`, `committer ${person}`];
  return { type: 'commit', data: Buffer.from(`${lines.join('\n')}\n\n${message}\n`) };
}

/** Type and size: four bits of the size beside the type, then seven a byte, the lowest first. */
function entryHead({ type, data }: GitObject): Buffer {
  const bytes: number[] = [];
  let byte = (TYPE_NUMBERS[type] << 4) | (data.length & 15);
  for (let rest = Math.floor(data.length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 128);
    byte = rest & 127;
  }
  return Buffer.from([...bytes, byte]);
}
