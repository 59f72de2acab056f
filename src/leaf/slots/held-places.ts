/** Who holds the places of a machine just now: for people, who decide nothing by it. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SlotHolder } from './sqlite-slots.ts';

/** Lane → places that living processes hold. Empty where there is no file, or none that can be read. */
export function heldPlaces(
  file: string,
  isAlive: (holder: SlotHolder) => boolean,
): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  if (!existsSync(file)) return held;
  try {
    using db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    for (const row of db.prepare('SELECT lane, pid, boot, start FROM places').all()) {
      const { lane, pid, boot, start } = row;
      const holder = { pid: Number(pid), bootId: String(boot), start: String(start) };
      if (isAlive(holder)) held.set(String(lane), (held.get(String(lane)) ?? 0) + 1);
    }
  } catch {
    return new Map();
  }
  return held;
}
