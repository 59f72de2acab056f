import type { ContentRef } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import type { Answer, LeafHost, Question } from './leaf-host.ts';

/** A host whose records may be left unawaited: what goes wrong is kept until the end of the leaf. */
export class Recorder implements LeafHost {
  readonly #host: LeafHost;
  #open = 0;
  #failure: { readonly reason: unknown } | undefined;
  #whenDone: (() => void) | undefined;

  constructor(host: LeafHost) {
    this.#host = host;
  }

  /** The host could not record: the leaf has no run any more. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  record(fact: Fact): Promise<void> {
    const durable = this.#host.record(fact);
    this.#open += 1;
    durable.then(this.#onDurable, this.#onFailure);
    return durable;
  }

  keep(data: Uint8Array | string, type: ContentRef['type']): ContentRef {
    return this.#host.keep(data, type);
  }

  digest(data: Uint8Array | string, type: ContentRef['type']): string {
    return this.#host.digest(data, type);
  }

  read(ref: ContentRef): Uint8Array {
    return this.#host.read(ref);
  }

  ask(question: Question): Promise<Answer> {
    return this.#host.ask(question);
  }

  live(activity: { readonly kind: string; readonly text?: string }): void {
    this.#host.live(activity);
  }

  /** Waits until all that was recorded is durable. @throws what the host said when it could not. */
  async settled(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#whenDone = resolve));
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  readonly #onDurable = (): void => {
    this.#open -= 1;
    if (this.#open === 0) this.#whenDone?.();
  };

  readonly #onFailure = (reason: unknown): void => {
    this.#failure ??= { reason };
    this.#onDurable();
  };
}
