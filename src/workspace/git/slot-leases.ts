/**
 * Which process holds which slot, as names of empty files: `SLOT.free` or `SLOT.OWNER`. A slot changes hands
 * by renaming its file, and a name can be renamed away only once, so there is no lock that a killed process
 * could leave behind.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { currentOwner, isAlive, type SlotOwner } from './slot-owner.ts';

export interface SlotLeases {
  /** A slot that lay free, now ours. */
  takeFree(): Promise<string | undefined>;
  /** A slot whose owner has died, now ours. Git processes of the dead may still write to it for a moment. */
  takeDead(): Promise<string | undefined>;
  /** A slot that did not exist before. */
  takeNew(): Promise<string>;
  giveBack(slot: string): Promise<void>;
  /** Ends a slot of ours. */
  end(slot: string): Promise<void>;
  /** Slots that lie free now. */
  listFree(): Promise<readonly string[]>;
  /** Slots whose owner has died. */
  listDead(): Promise<readonly string[]>;
}

export function openSlotLeases(folder: string, newName: () => string): SlotLeases {
  let owner: Promise<SlotOwner> | undefined;
  const me = () => {
    owner ??= currentOwner();
    return owner;
  };
  const file = (slot: string, holder: string) => join(folder, `${slot}.${holder}`);

  const list = async () => {
    const names = await readdir(folder).catch(() => []);
    return names.map((name): [slot: string, holder: string] => {
      const [slot = '', holder = ''] = name.split('.');
      return [slot, holder];
    });
  };

  const isDead = async (holder: string) => holder !== 'free' && !(await isAlive(holder));

  const take = async (isWanted: (holder: string) => boolean | Promise<boolean>) => {
    for (const [slot, holder] of await list()) {
      if (!(await isWanted(holder))) continue;
      if (await renamed(file(slot, holder), file(slot, await me()))) return slot;
    }
    return undefined;
  };

  return {
    takeFree: () => take((holder) => holder === 'free'),
    takeDead: () => take(isDead),
    async takeNew() {
      const slot = newName();
      await mkdir(folder, { recursive: true });
      await writeFile(file(slot, await me()), '', { flag: 'wx' });
      return slot;
    },
    async giveBack(slot) {
      await renamed(file(slot, await me()), file(slot, 'free'));
    },
    async end(slot) {
      await rm(file(slot, await me()), { force: true });
    },
    listFree: async () =>
      (await list()).flatMap(([slot, holder]) => (holder === 'free' ? [slot] : [])),
    async listDead() {
      const dead: string[] = [];
      for (const [slot, holder] of await list()) if (await isDead(holder)) dead.push(slot);
      return dead;
    },
  };
}

async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}
