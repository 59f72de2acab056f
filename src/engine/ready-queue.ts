/**
 * Leaves that wait for admission, first as written: iterations and instances around them, then their
 * place in the workflow, never by arrival. Leaves mostly become ready in that order, so a list with a
 * head takes them; the few that come out of order go through a heap. Both are hints: leaves that were
 * aborted meanwhile are dropped when they come to the head.
 */
import type { Live } from '../trace/run-state.ts';

export class ReadyQueue {
  readonly #list: Live[] = [];
  #head = 0;
  readonly #heap: Live[] = [];

  push(live: Live): void {
    const last = this.#list.at(-1);
    if (last === undefined || this.#head === this.#list.length || compareWritten(last, live) <= 0) {
      this.#list.push(live);
    } else if (this.#head > 0 && compareWritten(live, this.#list[this.#head] as Live) <= 0) {
      // The next of a row takes the place of the one that was taken.
      this.#head -= 1;
      this.#list[this.#head] = live;
    } else {
      this.#heap.push(live);
      siftUp(this.#heap);
    }
  }

  /** The first leaf that is still ready, without taking it. */
  peek(): Live | undefined {
    this.#dropStale();
    const first = this.#list[this.#head];
    const other = this.#heap[0];
    if (first === undefined || other === undefined) return first ?? other;
    return compareWritten(other, first) < 0 ? other : first;
  }

  /** Takes the leaf that `peek` showed. */
  shift(): void {
    const live = this.peek();
    if (live === undefined) return;
    if (this.#list[this.#head] === live) this.#advance();
    else popHeap(this.#heap);
  }

  #advance(): void {
    this.#head += 1;
    if (this.#head === this.#list.length) {
      this.#list.length = 0;
      this.#head = 0;
    } else if (this.#head > COMPACT_AT && this.#head * 2 > this.#list.length) {
      this.#list.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #dropStale(): void {
    for (let live = this.#list[this.#head]; live !== undefined; live = this.#list[this.#head]) {
      if (isReady(live)) break;
      this.#advance();
    }
    while (this.#heap[0] !== undefined && !isReady(this.#heap[0])) popHeap(this.#heap);
  }
}

const COMPACT_AT = 1024;

const isReady = (live: Live): boolean =>
  live.stage === 'ready' && (live.parent?.open.has(live) ?? false);

/** Order as written, with instances counted before what is inside of them. */
export function compareWritten(a: Live, b: Live): number {
  if (a === b) return 0;
  // Nearly always: a crowd becomes ready side by side.
  if (a.parent === b.parent) return compareSiblings(a, b);
  const left = chainOf(a);
  const right = chainOf(b);
  const length = Math.min(left.length, right.length);
  for (let depth = 0; depth < length; depth += 1) {
    const one = left[left.length - 1 - depth] as Live;
    const other = right[right.length - 1 - depth] as Live;
    if (one !== other) return compareSiblings(one, other);
  }
  return left.length - right.length;
}

function compareSiblings(one: Live, other: Live): number {
  if (one.instance !== other.instance) return one.instance - other.instance;
  if (one.plan.order !== other.plan.order) return one.plan.order - other.plan.order;
  return one.path < other.path ? -1 : 1;
}

function chainOf(live: Live): readonly Live[] {
  const chain: Live[] = [];
  for (let at: Live | undefined = live; at !== undefined; at = at.parent) chain.push(at);
  return chain;
}

function siftUp(heap: Live[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (compareWritten(heap[above] as Live, heap[at] as Live) <= 0) return;
    swap(heap, at, above);
    at = above;
  }
}

function popHeap(heap: Live[]): void {
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return;
  heap[0] = last;
  let at = 0;
  for (;;) {
    const left = at * 2 + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const isRight =
      right < heap.length && compareWritten(heap[right] as Live, heap[left] as Live) < 0;
    const below = isRight ? right : left;
    if (compareWritten(heap[at] as Live, heap[below] as Live) <= 0) return;
    swap(heap, at, below);
    at = below;
  }
}

function swap(heap: Live[], a: number, b: number): void {
  const held = heap[a] as Live;
  heap[a] = heap[b] as Live;
  heap[b] = held;
}
