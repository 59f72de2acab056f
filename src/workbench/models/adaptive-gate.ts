/**
 * How many calls a provider gets at once is found out by asking: a call more after each round of answers,
 * half as many when it says that it is too much (as TCP does, RFC 5681). A provider that asks to be left
 * alone is left alone by all leaves; they keep their places in the queue.
 */
import type { GateEnd, GateNews, Leave, ProviderGate } from '../../leaf/call/provider-gate.ts';
import type { Clock, TimerHandle, Timers } from '../../system/clock.ts';

export interface AdaptiveGateParts {
  readonly clock: Clock;
  readonly timers: Timers;
}

const FIRST_LIMIT = 4;
const MAX_LIMIT = 64;
/** Where it wants to be left alone and doesn’t say for how long. */
const DEFAULT_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

export function adaptiveGate(parts: AdaptiveGateParts): ProviderGate {
  const lanes = new Map<string, Lane>();
  return {
    enter(provider, signal, waiting) {
      const lane = lanes.get(provider) ?? new Lane(parts);
      lanes.set(provider, lane);
      return lane.enter(signal, waiting);
    },
  };
}

/** Is told that it waits, for so long where that is known. */
type OnWait = (forMs?: number) => void;

/** Who waits; `isLetIn`: false where it has given up. */
interface Waiting {
  readonly resolve: (isLetIn: boolean) => void;
  readonly onWait: OnWait;
}

/** One provider. */
class Lane {
  readonly #parts: AdaptiveGateParts;
  readonly #queue: Waiting[] = [];
  #limit = FIRST_LIMIT;
  #active = 0;
  /** In monotonic milliseconds; undefined while it is not suspended. */
  #suspendedUntil: number | undefined;
  #timer: TimerHandle | undefined;
  /** Counts the times it was told to slow down: what was sent before the last says nothing new. */
  #round = 0;

  constructor(parts: AdaptiveGateParts) {
    this.#parts = parts;
  }

  async enter(signal: AbortSignal, onWait: OnWait): Promise<Leave> {
    if (signal.aborted) return NOTHING;
    if (this.#isOpen()) this.#active += 1;
    else if (!(await this.#wait(signal, onWait))) return NOTHING;
    const round = this.#round;
    let hasLeft = false;
    return (end) => {
      if (hasLeft) return undefined;
      hasLeft = true;
      this.#active -= 1;
      const news = this.#learn(end, round);
      this.#letIn();
      return news;
    };
  }

  #isOpen(): boolean {
    return (
      this.#active < Math.floor(this.#limit) && this.#restMs() === 0 && this.#queue.length === 0
    );
  }

  #restMs(): number {
    return Math.max(0, (this.#suspendedUntil ?? 0) - this.#parts.clock.monotonic());
  }

  #learn({ type, retryAfterMs }: GateEnd, round: number): GateNews | undefined {
    if (type === 'answered') {
      this.#limit = Math.min(MAX_LIMIT, this.#limit + 1 / this.#limit);
      if (this.#suspendedUntil === undefined || this.#restMs() > 0) return undefined;
      this.#suspendedUntil = undefined;
      return { type: 'resumed' };
    }
    if (type === 'failed') return undefined;
    if (round === this.#round) {
      // One refusal of a round halves; the others of it were sent at the same time.
      this.#limit = Math.max(1, this.#limit / 2);
      this.#round += 1;
    }
    return this.#suspend(Math.min(retryAfterMs ?? DEFAULT_PAUSE_MS, MAX_PAUSE_MS));
  }

  /** News only where it is longer than was known. */
  #suspend(forMs: number): GateNews | undefined {
    const until = this.#parts.clock.monotonic() + forMs;
    if (until <= (this.#suspendedUntil ?? 0) + LEAST_NEWS_MS) return undefined;
    this.#suspendedUntil = until;
    for (const { onWait } of this.#queue) onWait(forMs);
    return { type: 'suspended', forMs };
  }

  async #wait(signal: AbortSignal, onWait: OnWait): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = { resolve, onWait };
    this.#queue.push(waiting);
    onWait(this.#restMs() || undefined);
    const onAbort = (): void => {
      const index = this.#queue.indexOf(waiting);
      if (index < 0) return;
      this.#queue.splice(index, 1);
      resolve(false);
      this.#letIn();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#letIn();
    const isLetIn = await promise;
    signal.removeEventListener('abort', onAbort);
    return isLetIn;
  }

  /** First come, first served, as many as there is room for; later, where it is to be left alone. */
  #letIn(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#queue.length === 0) return;
    const restMs = this.#restMs();
    if (restMs > 0) {
      this.#timer = this.#parts.timers.after(Math.ceil(restMs), () => this.#letIn());
      return;
    }
    for (let room = Math.floor(this.#limit) - this.#active; room > 0; room -= 1) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#active += 1;
      next.resolve(true);
    }
  }
}

const NOTHING: Leave = () => undefined;
/** Refusals of one crowd differ by less. */
const LEAST_NEWS_MS = 100;
