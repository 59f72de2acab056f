import type { Tokens } from '../../../trace/usage.ts';
import type { ReportedUsage } from './agent-session.ts';
import type { ReportedFigures } from './formats/report.ts';

const MICRO = 1_000_000;

/** Undefined where nothing that counts was reported, or what can’t be true. */
export function toReportedUsage(figures: ReportedFigures): ReportedUsage | undefined {
  const tokens = tokensOf(figures);
  const { costUsd } = figures;
  const costMicroUsd =
    costUsd === undefined || costUsd > Number.MAX_SAFE_INTEGER / MICRO
      ? undefined
      : Math.round(costUsd * MICRO);
  if (tokens === undefined && costMicroUsd === undefined) return undefined;
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(costMicroUsd === undefined ? {} : { costMicroUsd }),
  };
}

function tokensOf({
  input,
  output,
  cacheRead = 0,
  cacheWrite = 0,
  reasoning = 0,
}: ReportedFigures): Tokens | undefined {
  if (input === undefined || output === undefined) return undefined;
  const uncached = input - cacheRead - cacheWrite;
  const written = output - reasoning;
  if (uncached < 0 || written < 0) return undefined;
  return { uncached, cacheRead, cacheWrite, output: written, reasoning };
}
