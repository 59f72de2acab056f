/** What lines of an agent may tell, and how a reader picks it out of them. */
import { isJsonObject, type Json, type JsonObject } from '../../../../base/json.ts';

/** What a line may tell. */
export interface FormatSink {
  /** A piece of what it says, for people who watch. */
  says(text: string): void;
  /** The text that it ends with; the last one counts. */
  ends(text: string): void;
  tool(call: ReportedTool): void;
  /** Sums over the whole turn; the last one counts. */
  usage(usage: ReportedFigures): void;
  /** Figures of one step, which add up. */
  uses(step: ReportedFigures): void;
  model(name: string): void;
  /** It says that it failed. */
  fails(message: string): void;
}

/** A call of a tool as the agent reports it: begun, ended, or both at once. */
export interface ReportedTool {
  /** Joins its beginning with its end. */
  readonly id: string;
  readonly name?: string;
  readonly input?: Json;
  /** There once it has ended. */
  readonly output?: string;
  readonly failed?: boolean;
}

/** As reported; absent where not. `input` counts what caches had too. */
export interface ReportedFigures {
  readonly input?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** Counts reasoning too. */
  readonly output?: number;
  readonly reasoning?: number;
  readonly costUsd?: number;
}

export type ReadLine = (line: JsonObject, sink: FormatSink) => void;

export function objectAt(value: JsonObject | undefined, name: string): JsonObject | undefined {
  const found = value?.[name];
  return found !== undefined && isJsonObject(found) ? found : undefined;
}

export function textAt(value: JsonObject | undefined, name: string): string | undefined {
  const found = value?.[name];
  return typeof found === 'string' ? found : undefined;
}

/** Undefined for what can’t be a count. */
export function countAt(value: JsonObject | undefined, name: string): number | undefined {
  const found = value?.[name];
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}

export function amountAt(value: JsonObject | undefined, name: string): number | undefined {
  const found = value?.[name];
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined;
}

export function objectsAt(value: JsonObject | undefined, name: string): readonly JsonObject[] {
  const found = value?.[name];
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}

/** Members that are there. */
export function present<T extends object>(parts: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined),
  ) as unknown as T;
}
