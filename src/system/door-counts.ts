/**
 * How often this process has gone through the doors that cost something. Counted where it happens, so
 * that "0 calls, 0 processes" is a reading and not a claim.
 */
export interface DoorCounts {
  readonly providerCalls: number;
  readonly processes: number;
}

const counts = { providerCalls: 0, processes: 0 };

export function countDoor(door: keyof DoorCounts): void {
  counts[door] += 1;
}

export function doorCounts(): DoorCounts {
  return { ...counts };
}
