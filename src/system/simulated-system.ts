/**
 * A world of one seed: time stands still but for events, which happen one after the other, with all
 * promises settled between two of them. Whatever is built on these ports alone goes the same way every
 * time (the idea of FoundationDB’s and TigerBeetle’s simulators). Not for code that does real I/O.
 */
import type { Chance } from './chance.ts';
import type { Clock, TimerHandle, Timers } from './clock.ts';

export interface SimulatedSystem {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Timers of the world itself, which outlive every process. */
  readonly timers: Timers;
  /** A process of this world. */
  spawn(): SimulatedProcess;
  /** Moves wall time; monotonic time knows nothing of it. */
  jump(byMs: number): void;
  /**
   * Lets events happen until `work` settles.
   * @throws {Error} when nothing can happen any more, or after 1,000,000 events.
   */
  until<T>(work: Promise<T>): Promise<T>;
}

export interface SimulatedProcess {
  readonly timers: Timers;
  readonly isDead: boolean;
  /** Nothing that it waits for ever happens. */
  kill(): void;
}

const MAX_EVENTS = 1_000_000;
const FIRST_WALL_MS = Date.UTC(2026, 0, 1);
/** How late a timer may be, and how long a turn of the event loop may take. */
const MAX_LATE_MS = 2;
const MAX_TURN_MS = 0.5;

/** Makes the world of `seed` (0 to 2^32 - 1). */
export function simulatedSystem(seed: number): SimulatedSystem {
  const next = seededNumbers(seed);
  const agenda = new Agenda();
  let monotonicMs = 0;
  let wallSkewMs = 0;
  let lastTurnMs = 0;

  const timersOf = (isDead: () => boolean): Timers => ({
    after: (delayMs, action) => {
      const dueMs = monotonicMs + Math.max(0, delayMs) + next() * MAX_LATE_MS;
      return agenda.add(dueMs, () => isDead() || action());
    },
    nextTurn(action) {
      // Turns of the loop keep their order.
      lastTurnMs = Math.max(lastTurnMs, monotonicMs + next() * MAX_TURN_MS);
      agenda.add(lastTurnMs, () => isDead() || action());
    },
  });

  return {
    clock: {
      now: () => Math.floor(FIRST_WALL_MS + monotonicMs + wallSkewMs),
      monotonic: () => monotonicMs,
    },
    chance: { bytes: (count) => Uint8Array.from({ length: count }, () => next() * 256) },
    timers: timersOf(() => false),
    spawn() {
      let isDead = false;
      return {
        timers: timersOf(() => isDead),
        get isDead() {
          return isDead;
        },
        kill() {
          isDead = true;
        },
      };
    },
    jump(byMs) {
      wallSkewMs += byMs;
    },
    async until(work) {
      let isOver = false;
      const settle = (): void => {
        isOver = true;
      };
      work.then(settle, settle);
      for (let events = 0; ; events += 1) {
        await microtasks();
        if (isOver) return work;
        const event = agenda.take();
        if (event === undefined) throw new Error(`nothing can happen after ${monotonicMs} ms`);
        if (events === MAX_EVENTS) throw new Error(`${MAX_EVENTS} events and no end`);
        monotonicMs = Math.max(monotonicMs, event.dueMs);
        event.action();
      }
    },
  };
}

/** Resolves when every promise that can settle without an event has settled. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** mulberry32 (Tommy Ettinger): 0 ≤ x < 1. */
function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface PlannedEvent {
  readonly dueMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** What is to happen, earliest first: a binary heap, ties by the order of planning. */
class Agenda {
  readonly #heap: PlannedEvent[] = [];
  readonly #cancelled = new Set<PlannedEvent>();
  #planned = 0;

  add(dueMs: number, action: () => void): TimerHandle {
    const event: PlannedEvent = { dueMs, order: this.#planned, action };
    this.#planned += 1;
    this.#rise(event);
    return { cancel: () => void this.#cancelled.add(event) };
  }

  take(): PlannedEvent | undefined {
    for (;;) {
      const first = this.#heap[0];
      const last = this.#heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (last !== first) this.#sink(last);
      if (!this.#cancelled.delete(first)) return first;
    }
  }

  #rise(event: PlannedEvent): void {
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || isBefore(parent, event)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = event;
  }

  #sink(event: PlannedEvent): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [this.#heap[below], this.#heap[below + 1]];
      if (left === undefined) break;
      let child = left;
      if (right !== undefined && isBefore(right, left)) {
        child = right;
        below += 1;
      }
      if (isBefore(event, child)) break;
      this.#heap[at] = child;
      at = below;
    }
    this.#heap[at] = event;
  }
}

const isBefore = (one: PlannedEvent, other: PlannedEvent): boolean =>
  one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
