/** Money, tokens and sizes as people read them, and as JSON carries them. */
import type { JsonObject } from '../base/json.ts';
import type { CostStatus, Tokens } from '../trace/usage.ts';
import { totalTokens } from '../trace/usage.ts';

/** `$1.96`; `≥` where an agent reports only a part, `≈` where it is estimated; never $0.00 for unknown. */
export function costText(microUsd: number, status: CostStatus): string {
  switch (status) {
    case 'exact':
      return usdText(microUsd);
    case 'estimated':
      return `≈${usdText(microUsd)}`;
    case 'partial':
      return `≥${usdText(microUsd)}`;
    case 'unknown':
      return '$?';
    case 'included':
      return microUsd === 0 ? 'included' : usdText(microUsd);
  }
}

/** Cents; of less as many digits as it takes not to be nothing: `$0.0021`, `$0.000007`. */
export function usdText(microUsd: number): string {
  const usd = microUsd / 1e6;
  if (microUsd === 0 || usd >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(usd < 0.0001 ? 6 : 4)}`;
}

/** `812`, `18.2k`, `430k`, `1.2M`. */
export function countText(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 99_950) return `${(count / 1_000).toFixed(1)}k`;
  if (count < 999_500) return `${Math.round(count / 1_000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `1 leaf`, `3 leaves`. */
export const leavesText = (count: number): string => (count === 1 ? '1 leaf' : `${count} leaves`);

export const stepsText = (count: number): string => (count === 1 ? '1 step' : `${count} steps`);

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${(bytes / 1_024).toFixed(1)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** `430k tokens, 71% cached`. */
export function tokensText(tokens: Tokens): string {
  const input = tokens.uncached + tokens.cacheRead + tokens.cacheWrite;
  const total = `${countText(totalTokens(tokens))} tokens`;
  if (input === 0 || tokens.cacheRead === 0) return total;
  return `${total}, ${Math.round((100 * tokens.cacheRead) / input)}% cached`;
}

/** The five parts. */
export function tokensJson(tokens: Tokens): JsonObject {
  return {
    uncached: tokens.uncached,
    cache_read: tokens.cacheRead,
    cache_write: tokens.cacheWrite,
    output: tokens.output,
    reasoning: tokens.reasoning,
  };
}

/** RFC 3339, UTC. */
export const timeJson = (at: number): string => new Date(at).toISOString();

/** `10:03:12` where the reader lives. */
export function clockText(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
