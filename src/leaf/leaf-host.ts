/** The only thing a leaf knows of its run: local today, over a wire tomorrow. */
import type { ContentRef } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';

export interface LeafHost {
  /**
   * Records a fact; resolves when it is durable. Facts recorded in one turn of the event loop share a
   * transaction, so call it without waiting where the next fact follows at once.
   */
  record(fact: Fact): Promise<void>;
  /** Takes a content into the store together with the next recorded fact. */
  keep(data: Uint8Array | string, type: ContentRef['type']): ContentRef;
  /** A content that an earlier fact refers to. */
  read(ref: ContentRef): Uint8Array;
  /** Says what the leaf is doing now; may be dropped, is never decided on. */
  live(activity: { readonly kind: string; readonly text?: string }): void;
}
