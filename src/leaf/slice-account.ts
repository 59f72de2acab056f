/** What an attempt has spent of its slice. Within it a leaf spends alone; over it nothing is sent. */
import { type Amounts, addAmounts, NO_AMOUNTS, subtractAmounts } from '../trace/amounts.ts';
import type { Shortage, Slice } from '../trace/events.ts';
import type { Failure } from '../trace/outcome.ts';
import { failure } from './failure.ts';

export interface Short {
  readonly failure: Failure;
  /** Slice that would have been needed. */
  readonly short: Shortage;
}

export class SliceAccount {
  readonly #slice: Slice;
  #spent = NO_AMOUNTS;
  #held = NO_AMOUNTS;

  /** @param slice absent where no budget limits the leaf. */
  constructor(slice: Slice = {}) {
    this.#slice = slice;
  }

  /** What is missing for `more`; undefined when it fits. */
  shortOf(more: Amounts): Short | undefined {
    const taken = addAmounts(this.#spent, this.#held);
    const needed = addAmounts(taken, more);
    const missing = AMOUNTS.filter((name) => needed[name] > (this.#slice[name] ?? Infinity));
    const [first] = missing;
    if (first === undefined) return undefined;
    const left = Math.max(0, (this.#slice[first] ?? 0) - taken[first]);
    const message = `a call of up to ${textOf(first, more[first])} does not fit into the ${textOf(first, left)} left of the slice`;
    const short = Object.fromEntries(missing.map((name) => [name, needed[name]]));
    return { failure: failure('budget', message), short };
  }

  /** Sets so much aside for a call under way, until it is given back; others may be under way too. */
  hold(most: Amounts): Disposable {
    this.#held = addAmounts(this.#held, most);
    return {
      [Symbol.dispose]: () => {
        this.#held = subtractAmounts(this.#held, most);
      },
    };
  }

  spend(used: Amounts): void {
    this.#spent = addAmounts(this.#spent, used);
  }
}

const AMOUNTS = ['tokens', 'costMicroUsd', 'steps'] as const;

function textOf(amount: keyof Amounts, value: number): string {
  return amount === 'costMicroUsd' ? `$${(value / 1_000_000).toFixed(2)}` : `${value} ${amount}`;
}
