import type { Chance } from '../../system/chance.ts';

/** Sendings of one call, the first included. */
export const MAX_TRIES = 3;
const MAX_RETRY_WAIT_MS = 60_000;
const FIRST_WAIT_MS = 1000;
const WAIT_FACTOR = 4;
const JITTER = 0.25;

/** How long to wait after a failed sending: what the provider asks for, or 1 s, 4 s, … with jitter. */
export function retryDelay(
  tryNumber: number,
  retryAfterMs: number | undefined,
  chance: Chance,
): number {
  const backoff = FIRST_WAIT_MS * WAIT_FACTOR ** (tryNumber - 1);
  const jitter = 1 + JITTER * ((chance.bytes(1)[0] ?? 0) / 255);
  const wanted = Math.max(
    backoff * jitter,
    Number.isFinite(retryAfterMs) ? (retryAfterMs ?? 0) : 0,
  );
  return Math.min(Math.round(wanted), MAX_RETRY_WAIT_MS);
}
