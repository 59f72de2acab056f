/**
 * Leaves side by side that only wait for admission: of each row of them the first is made and stands in
 * the gate, the next when that one has left it. No decision differs. All of a row are ready, of one slot
 * class and under the same budgets, and none stands between them as written: so the first is admitted
 * before the others, and what holds it up holds them up.
 */
import { slotOf } from '../trace/apply.ts';
import { type Live, liveAt, type RunState } from '../trace/run-state.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { Fan } from './rules/rule.ts';

interface Row {
  readonly fan: Fan;
  readonly parent: Live;
  /** The first that has not been made; one that has an event of its own is passed over. */
  next: number;
  /** Behind the last. */
  readonly end: number;
}

interface CrowdParts {
  readonly state: RunState;
  /** Its inputs are there. */
  readonly isReady: (plan: PlanNode, path: NodePath) => boolean;
  readonly make: (plan: PlanNode, path: NodePath, parent: Live, instance: number) => Live;
}

export class Crowds {
  readonly #parts: CrowdParts;
  /** By the one of them that has been made. */
  readonly #rows = new Map<Live, Row>();

  constructor(parts: CrowdParts) {
    this.#parts = parts;
  }

  /** Takes those that wait behind a leaf of a fan as it does; the fan goes on behind them. */
  gather(first: Live, parent: Live, fan: Fan): void {
    const from = first.instance + 1;
    let end = from;
    while (end < fan.count && this.#isLike(first, fan, end)) end += 1;
    if (end === from) return;
    parent.next = end;
    this.#rows.set(first, { fan, parent, next: from, end });
  }

  #isLike(first: Live, fan: Fan, index: number): boolean {
    const plan = fan.planAt(index);
    const { node } = plan;
    if (node.kind !== 'leaf' || slotOf(plan) !== slotOf(first.plan)) return false;
    const isFree = Object.keys(node.inputs).length === 0;
    return isFree || this.#parts.isReady(plan, fan.at(index).path);
  }

  /** A leaf does not wait any more: the next of its row is made. */
  leave(live: Live): void {
    const row = this.#rows.get(live);
    if (row === undefined) return;
    this.#rows.delete(live);
    const { state, make } = this.#parts;
    while (row.next < row.end) {
      const index = row.next;
      const { plan, path } = row.fan.at(index);
      row.next += 1;
      if (state.nodes.has(path)) continue;
      this.#rows.set(make(plan, path, row.parent, index), row);
      return;
    }
  }

  /** Somebody speaks of a leaf: it is made where it waits. */
  call(path: NodePath): void {
    const { state, make } = this.#parts;
    const parent = state.nodes.has(path) ? undefined : liveAt(state, parentPath(path));
    for (const child of parent?.open ?? []) {
      const row = this.#rows.get(child);
      for (let index = row?.next ?? 0; row !== undefined && index < row.end; index += 1) {
        const found = row.fan.at(index);
        if (found.path === path) {
          make(found.plan, path, row.parent, index);
          return;
        }
      }
    }
  }

  /** A node ends: what waits below it is never made. */
  drop(parent: Live): void {
    for (const child of parent.open) this.#rows.delete(child);
  }
}
