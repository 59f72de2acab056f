/**
 * The store as one simulated process sees it: commits take their time, are refused now and then, and
 * nobody hears of them who has died meanwhile. Keeps the books that the checks are made with.
 */
import { WhaleFlowError } from '../../src/base/errors.ts';
import { pause } from '../../src/model/pause.ts';
import type { SimulatedProcess } from '../../src/system/simulated-system.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';
import type { Dice } from '../engine/chance.ts';

/** Each happens once in so many times; 0 for never. */
export interface StoreFaults {
  /** The disk is full: the commit fails, and every later one of this process. */
  readonly full: number;
  /** Another process held the store for too long. */
  readonly busy: number;
  /** The process dies in the commit, before or after it took effect. */
  readonly death: number;
  readonly maxLatencyMs: number;
}

/** What was promised, across all processes of the world. */
export interface Ledger {
  /** seq → type of each event whose append was acknowledged. */
  readonly acknowledged: Map<number, string>;
  /** Path → settled attempts, of every commit that took effect. */
  readonly settled: Map<string, Set<number>>;
  readonly requested: Set<string>;
}

export const emptyLedger = (): Ledger => ({
  acknowledged: new Map(),
  settled: new Map(),
  requested: new Set(),
});

interface Parts {
  readonly store: TraceStore;
  readonly process: SimulatedProcess;
  readonly dice: Dice;
  readonly faults: StoreFaults;
  readonly ledger: Ledger;
  readonly die: () => void;
}

export function simulatedStore(parts: Parts): TraceStore {
  const { store, process, dice, faults, ledger, die } = parts;
  let isFull = false;

  const commit = async <T>(write: () => Promise<T>): Promise<T> => {
    await wait(parts);
    if (isFull || happens(dice, faults.full)) {
      isFull = true;
      throw new WhaleFlowError('WF7004', 'the disk is full');
    }
    if (happens(dice, faults.busy)) throw new WhaleFlowError('WF7005', 'the store is busy');
    const isLast = happens(dice, faults.death);
    const isLate = dice.once(2);
    if (isLast && !isLate) die();
    if (process.isDead) return forever();
    const result = await write();
    if (isLast) die();
    await wait(parts);
    return process.isDead ? forever() : result;
  };

  return {
    ...store,
    append: (request) =>
      commit(async () => {
        const last = await store.append(request);
        note(ledger, request.events);
        return last;
      }).then((last) => {
        for (const [index, { type }] of request.events.entries()) {
          ledger.acknowledged.set(request.after + index + 1, type);
        }
        return last;
      }),
    heartbeat: (run, epoch, at) => commit(() => store.heartbeat(run, epoch, at)),
    [Symbol.dispose]: () => {},
  };
}

function note(
  { settled, requested }: Ledger,
  events: Parameters<TraceStore['append']>[0]['events'],
) {
  for (const event of events) {
    if (event.type === 'leaf.finished' && event.late !== true) {
      const attempts = settled.get(event.path) ?? new Set();
      settled.set(event.path, attempts.add(event.attempt));
    } else if (event.type === 'model.requested') {
      requested.add(`${event.path}#${event.attempt} ${event.call}.${event.try}`);
    }
  }
}

function wait({ process, dice, faults }: Parts): Promise<void> {
  const delayMs = dice.once(30) ? faults.maxLatencyMs * 20 : dice.next() * faults.maxLatencyMs;
  return pause(delayMs / 2, process.timers, NEVER);
}

const NEVER = new AbortController().signal;

export const happens = (dice: Dice, times: number): boolean => times > 0 && dice.once(times);

/** What a dead process waits for. */
const forever = <T>(): Promise<T> => new Promise(() => {});
