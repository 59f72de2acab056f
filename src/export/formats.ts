/**
 * The formats of `whaleflow export --format`. Each is a pure function of the redacted trace and of nothing
 * else, so that none can say what the trace does not. A format that is added is a row here.
 */
import { printableJson } from '../base/printable.ts';
import type { RunTrace } from './run-trace.ts';

export interface ExportFormat {
  /** As written behind `--format`. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** With its dot. */
  readonly extension: string;
  readonly mediaType: string;
  /** The file, in pieces; bytes only where the format is no text. */
  readonly write: (trace: RunTrace) => Iterable<string | Uint8Array>;
}

const json: ExportFormat = {
  name: 'json',
  summary: 'the run trace whaleflow.trace/v1; every other format is made of it',
  extension: '.trace.json',
  mediaType: 'application/json',
  // So that a file that is shown by `cat` moves no cursor.
  write: (trace) => [`${printableJson(JSON.stringify(trace, null, 2))}\n`],
};

export const exportFormats: readonly ExportFormat[] = [json];

/** The format of a name, or undefined. */
export function exportFormat(name: string): ExportFormat | undefined {
  return exportFormats.find((format) => format.name === name);
}
