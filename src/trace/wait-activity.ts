/** What a leaf that waits says of itself on the live board: for whom, until when, and why. */
import { isJsonObject, type Json } from '../base/json.ts';
import type { LiveRow } from './trace-store.ts';

const KIND = 'waits';
const MAX_WHY_CHARACTERS = 200;

export interface WaitActivity {
  /** A provider. */
  readonly for: string;
  /** Wall time; absent where it is not known. */
  readonly untilMs?: number;
  readonly why?: string;
}

export function waitActivity({ why, ...wait }: WaitActivity): {
  readonly kind: string;
  readonly text: string;
} {
  const shown = why === undefined ? {} : { why: why.slice(0, MAX_WHY_CHARACTERS) };
  return { kind: KIND, text: JSON.stringify({ ...wait, ...shown }) };
}

/** Undefined where the leaf does something else. */
export function waitOf({ kind, text }: Pick<LiveRow, 'kind' | 'text'>): WaitActivity | undefined {
  if (kind !== KIND) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    if (!isJsonObject(value) || typeof value['for'] !== 'string') return undefined;
    const { untilMs, why } = value;
    return {
      for: value['for'],
      ...(typeof untilMs === 'number' ? { untilMs } : {}),
      ...(typeof why === 'string' ? { why } : {}),
    };
  } catch {
    return undefined;
  }
}
