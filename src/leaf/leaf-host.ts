/** The only thing a leaf knows of its run: local today, over a wire tomorrow. */
import type { ContentRef } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';

/** What a leaf asks a person in the middle of its work. */
export interface Question {
  /** One line. */
  readonly message: string;
  /** After it the answer is no, by `timeout`; waits for ever where absent. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly approved: boolean;
  /** Who said so: a name, `timeout`, or `rule` for a standing answer. */
  readonly by: string;
  readonly reason?: string;
}

export interface LeafHost {
  /**
   * Records a fact; resolves when it is durable. Facts recorded in one turn of the event loop share a
   * transaction, so call it without waiting where the next fact follows at once.
   * @throws when nothing can be recorded any more; whoever runs the leaf then aborts it.
   */
  record(fact: Fact): Promise<void>;
  /** Takes a content into the store together with the next recorded fact. */
  keep(data: Uint8Array | string, type: ContentRef['type']): ContentRef;
  /** The digest that `keep` would give a content. */
  digest(data: Uint8Array | string, type: ContentRef['type']): string;
  /** A content that an earlier fact refers to. */
  read(ref: ContentRef): Uint8Array;
  /**
   * Asks a person and waits; one question at a time. The leaf keeps its slot and its driver stays. After
   * a crash the same question of the next attempt is answered from the record.
   * @throws the reason of the abort when the leaf is ended meanwhile.
   */
  ask(question: Question): Promise<Answer>;
  /** Says what the leaf is doing now; may be dropped, is never decided on. */
  live(activity: { readonly kind: string; readonly text?: string }): void;
}
