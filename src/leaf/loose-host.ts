/** A host of a leaf that belongs to no run: what it records is kept in memory and gone with it. */
import { DigestedBlob } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import type { LeafHost } from './leaf-host.ts';

export interface LooseHost extends LeafHost {
  readonly facts: readonly Fact[];
}

/** Nobody is there to be asked: every answer is no. */
export function looseHost(): LooseHost {
  const facts: Fact[] = [];
  const contents = new Map<string, Uint8Array>();
  return {
    facts,
    record: async (fact) => void facts.push(fact),
    keep(data, type) {
      const { ref, data: bytes } = new DigestedBlob(data, type);
      contents.set(ref.digest, bytes);
      return ref;
    },
    digest: (data, type) => new DigestedBlob(data, type).ref.digest,
    read: ({ digest }) => contents.get(digest) ?? new Uint8Array(),
    ask: async () => ({ approved: false, by: 'nobody' }),
    live: () => {},
  };
}
