/** The checkouts of one repository, shared by the processes of a user through leases. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type CheckoutSlot, checkOut, removeSlot, type SlotPast, toSlot } from './checkout-slot.ts';
import type { GitWorld } from './private-git-folder.ts';
import { readIndexCount } from './read-index-count.ts';
import { removeStale } from './remove-stale.ts';
import { openSlotLeases } from './slot-leases.ts';
import { createTurns } from './turns.ts';

/** What may lie free for the next run. */
export interface PoolLimits {
  readonly checkouts: number;
  /** Of all of them together. */
  readonly files: number;
}

export interface CheckoutPool {
  /** A slot whose files are those of the commit: the given one, a free one, or a new one. */
  checkOut(
    request: { readonly commit: string; readonly slot: CheckoutSlot | undefined },
    signal?: AbortSignal,
  ): Promise<CheckoutSlot>;
  /** Keeps the slot for others, or removes it when enough lie free. Also removes slots of the dead. */
  giveBack(slot: CheckoutSlot): Promise<void>;
  /** Removes slots of processes that have died. */
  endDead(): Promise<void>;
  /** Removes a slot in which something may still have been written when it was let go. */
  discard(slot: CheckoutSlot): Promise<void>;
}

export function openCheckoutPool(world: GitWorld, limits: PoolLimits): CheckoutPool {
  const leases = openSlotLeases(join(world.pool, 'leases'), world.newName);
  // All at once, none would be ready before all are.
  const inTurn = createTurns(availableParallelism());

  const end = async (name: string) => {
    await removeSlot(world, toSlot(world, name));
    await leases.end(name);
  };

  const use = async (slot: CheckoutSlot, past: SlotPast, commit: string, signal?: AbortSignal) => {
    try {
      await inTurn(() => checkOut(world, slot, { commit, past }, signal), signal);
      return true;
    } catch (error) {
      if (signal?.aborted || past === 'new') {
        await leases.giveBack(slot.name);
        throw error;
      }
      // Whatever has happened to this one, a new one is sound. If it can't even be removed, it stays ours
      // and is removed, like all slots of the dead, when this process has ended.
      await end(slot.name).catch(() => {});
      return false;
    }
  };

  const hasRoomFor = async (slot: CheckoutSlot) => {
    const free = await leases.listFree();
    if (free.length >= limits.checkouts) return false;
    const slots = [slot, ...free.map((name) => toSlot(world, name))];
    const counts = await Promise.all(slots.map(({ gitFolder }) => readIndexCount(gitFolder)));
    return counts.reduce((sum, count) => sum + count, 0) <= limits.files;
  };

  const endDead = async () => {
    // The dead leave git processes that may write for a moment yet: never reuse, only remove.
    for (let dead = await leases.takeDead(); dead !== undefined; dead = await leases.takeDead()) {
      await end(dead);
    }
  };

  return {
    endDead,

    async checkOut({ commit, slot }, signal) {
      if (slot !== undefined && (await use(slot, 'same', commit, signal))) return slot;
      const free = await leases.takeFree();
      if (free !== undefined) {
        const reused = toSlot(world, free);
        if (await use(reused, 'other', commit, signal)) return reused;
      }
      const fresh = toSlot(world, await leases.takeNew());
      await use(fresh, 'new', commit, signal);
      return fresh;
    },

    async discard(slot) {
      // What still writes there can keep it from going: it stays ours then, as above.
      await end(slot.name).catch(() => {});
    },

    async giveBack(slot) {
      await endDead();
      await removeStale(join(world.pool, 'tmp'));
      if (await hasRoomFor(slot)) await leases.giveBack(slot.name);
      else await end(slot.name);
    },
  };
}
