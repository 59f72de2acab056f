/**
 * That bubblewrap was tried out on this machine and works: until the next boot, or another bubblewrap, or
 * another way of calling it, as each repository has its own. That it does not work is never remembered, since
 * somebody may be mending it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MachineState {
  readonly bootId: string;
  /** Path of the program. */
  readonly bubblewrap: string;
  /** How it is called when it is tried out. */
  readonly call: readonly string[];
}

type Version = readonly [major: number, minor: number, patch?: number];

export interface KnownMachine {
  /** The version that was tried out; undefined where it has to be tried. */
  recall(machine: MachineState): Version | undefined;
  remember(machine: MachineState, version: Version): void;
}

/** `newName`: used once. */
export function knownMachine(folder: string, newName: () => string): KnownMachine {
  const file = join(folder, 'tried.json');
  return {
    recall(machine) {
      try {
        return versionIn(readTried(file)[keyOf(machine)]);
      } catch {
        return undefined;
      }
    },
    remember(machine, version) {
      const young = join(folder, `tried-${newName()}.json`);
      const key = keyOf(machine);
      const { [key]: _, ...others } = readTried(file);
      const kept = Object.entries(others).slice(1 - MAX_TRIED);
      const tried = Object.fromEntries([...kept, [key, version]]);
      writeFileSync(young, JSON.stringify({ tried }), { mode: 0o600 });
      renameSync(young, file);
    },
  };
}

/** The oldest are forgotten. */
const MAX_TRIED = 32;

/** By key, the oldest first; empty where nothing whole is there. */
function readTried(file: string): Readonly<Record<string, unknown>> {
  try {
    const { tried } = JSON.parse(readFileSync(file, 'utf8')) as { readonly tried?: unknown };
    return typeof tried === 'object' && tried !== null ? { ...tried } : {};
  } catch {
    return {};
  }
}

function versionIn(version: unknown): Version | undefined {
  if (!Array.isArray(version)) return undefined;
  const [major, minor, patch] = version as readonly unknown[];
  if (typeof major !== 'number' || typeof minor !== 'number') return undefined;
  return typeof patch === 'number' ? [major, minor, patch] : [major, minor];
}

function keyOf({ bootId, bubblewrap, call }: MachineState): string {
  const { mtimeMs, size, ino } = statSync(bubblewrap);
  const uid = process.getuid?.() ?? 0;
  const parts = JSON.stringify([bootId, bubblewrap, mtimeMs, size, ino, uid, call]);
  return createHash('sha256').update(parts).digest('hex');
}
