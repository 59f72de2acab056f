/** Files that an agent reads and writes through us: of its tree, by the walk that nothing leads out of. */
import { RequestError } from '@agentclientprotocol/sdk';
import { TreeFileError, type TreeFiles } from '../../../../tool/tree-files.ts';
import { placeIn } from './acp-permission.ts';

/** Of one file that is read. */
const MAX_READ_BYTES = 8 * 2 ** 20;
const MAX_WRITE_BYTES = 32 * 2 ** 20;

export interface AcpFilesParts {
  readonly base: string;
  readonly files: TreeFiles;
  /** Why a file may not be changed; undefined where it may. */
  readonly writeRefusal: (path: string) => string | undefined;
}

export interface AcpFiles {
  /** `line` from 1. @throws {RequestError} for what is not in the tree. */
  read(path: string, part: { readonly line?: number; readonly limit?: number }): string;
  /** @throws {RequestError} */
  write(path: string, content: string): void;
}

export function acpFiles({ base, files, writeRefusal }: AcpFilesParts): AcpFiles {
  const inTree = (path: string): string => {
    const place = path.startsWith('/') ? placeIn(base, path) : path;
    if (place !== undefined) return place;
    throw new RequestError(INVALID, `${path} is outside of the tree`);
  };
  return {
    read(path, { line = 1, limit }) {
      const { data, sizeBytes } = told(path, () => files.read(inTree(path), MAX_READ_BYTES));
      if (sizeBytes > data.length)
        throw new RequestError(INVALID, `${path} has ${sizeBytes} bytes`);
      const text = new TextDecoder().decode(data);
      if (line <= 1 && limit === undefined) return text;
      const from = Math.max(0, line - 1);
      const lines = text.split('\n');
      return lines.slice(from, limit === undefined ? undefined : from + limit).join('\n');
    },
    write(path, content) {
      const place = inTree(path);
      const refusal = writeRefusal(place);
      if (refusal !== undefined) throw new RequestError(INVALID, refusal);
      const data = new TextEncoder().encode(content);
      if (data.length > MAX_WRITE_BYTES) throw new RequestError(INVALID, 'that is too long');
      told(place, () => files.write(place, data));
    },
  };
}

const INVALID = -32602;

function told<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof TreeFileError)) throw thrown;
    // In the words of the protocol’s own library: agents go by them to make what is not there.
    if (thrown.problem === 'missing') throw RequestError.resourceNotFound(path);
    throw new RequestError(INVALID, thrown.message);
  }
}
