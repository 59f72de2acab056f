/** What a leaf knows of its run, where the run is driven in this process. What it asks for is work of the run. */
import type { Answer, LeafHost, Question } from '../leaf/leaf-host.ts';
import { type Conceal, concealContent, concealJson } from '../trace/conceal.ts';
import { type ContentRef, DigestedBlob } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import type { LiveLeaf } from './live-leaf.ts';
import type { Mailbox } from './mailbox.ts';
import type { Questions } from './questions.ts';
import type { StrayErrors } from './stray-errors.ts';

/** What all leaves of a driver share. */
export interface HostParts {
  readonly mailbox: Mailbox;
  readonly questions: Questions;
  readonly read: (ref: ContentRef) => Uint8Array;
  readonly strays: StrayErrors;
  readonly conceal: Conceal | undefined;
}

/** Of one attempt. A class, since thousands are there at once: methods are shared, closures are not. */
export class HostOfLeaf implements LeafHost {
  readonly #parts: HostParts;
  readonly #live: LiveLeaf;
  readonly #signal: AbortSignal;

  constructor(parts: HostParts, live: LiveLeaf, signal: AbortSignal) {
    this.#parts = parts;
    this.#live = live;
    this.#signal = signal;
  }

  record(fact: Fact): Promise<void> {
    const { mailbox, strays, conceal } = this.#parts;
    return strays.outside(() =>
      mailbox.post(conceal === undefined ? fact : concealJson(fact, conceal)),
    );
  }

  keep(data: Uint8Array | string, type: ContentRef['type']): ContentRef {
    return this.#parts.mailbox.keep(this.#concealed(data, type), type);
  }

  digest(data: Uint8Array | string, type: ContentRef['type']): string {
    return new DigestedBlob(this.#concealed(data, type), type).ref.digest;
  }

  read(ref: ContentRef): Uint8Array {
    return this.#parts.read(ref);
  }

  ask(question: Question): Promise<Answer> {
    const { questions, strays } = this.#parts;
    return strays.outside(() => questions.ask(this.#live.path, question, this.#signal));
  }

  live(activity: { readonly kind: string; readonly text?: string }): void {
    this.#parts.strays.outside(() => this.#live.says(activity));
  }

  #concealed(data: Uint8Array | string, type: ContentRef['type']): Uint8Array | string {
    const { conceal } = this.#parts;
    return conceal === undefined ? data : concealContent(data, type, conceal);
  }
}
