import type { Fact } from '../trace/events.ts';
import type { LeafHost } from './leaf-host.ts';

/** A host whose records may be left unawaited: what goes wrong is kept until the end of the leaf. */
export interface Recorder extends LeafHost {
  /** Waits until all that was recorded is durable. @throws what the host said when it could not. */
  settled(): Promise<void>;
  /** Aborts when the host could not record: the leaf has to stop. */
  readonly broken: AbortSignal;
}

export function recorder(host: LeafHost): Recorder {
  const controller = new AbortController();
  const pending = new Set<Promise<void>>();
  return {
    record(fact: Fact): Promise<void> {
      const durable = host.record(fact);
      pending.add(durable);
      durable.then(
        () => pending.delete(durable),
        (reason) => controller.abort(reason),
      );
      return durable;
    },
    keep: (data, type) => host.keep(data, type),
    read: (ref) => host.read(ref),
    ask: (question) => host.ask(question),
    live: (activity) => host.live(activity),
    async settled() {
      await Promise.all(pending);
    },
    broken: controller.signal,
  };
}
