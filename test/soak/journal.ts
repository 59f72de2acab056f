/** What slices of a soak have ended, and how: a file of JSON lines, one a slice, in the order of their ends. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export interface JournalRow {
  /** What the slice was run on: the commit, and what was changed since. */
  readonly version: string;
  readonly soak: string;
  readonly from: number;
  readonly count: number;
  readonly isPassed: boolean;
  readonly ms: number;
  /** Lines to show: figures of a slice that passed, what was said by one that failed. */
  readonly said: readonly string[];
}

const rowSchema: z.ZodType<JournalRow> = z.object({
  version: z.string(),
  soak: z.string(),
  from: z.number(),
  count: z.number(),
  isPassed: z.boolean(),
  ms: z.number(),
  said: z.array(z.string()),
});

export interface Journal {
  /** Rows of this version, the last of each slice. */
  readonly rows: () => readonly JournalRow[];
  readonly add: (row: Omit<JournalRow, 'version'>) => void;
}

/** `isAgain`: what stands there is left alone and not counted. */
export function openJournal(file: string, version: string, isAgain: boolean): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const known = new Map<string, JournalRow>();
  const keep = (row: JournalRow): void => {
    known.set(`${row.soak} ${row.from} ${row.count}`, row);
  };
  const lines = existsSync(file) && !isAgain ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    const row = rowSchema.safeParse(parsed(line));
    if (row.success && row.data.version === version) keep(row.data);
  }
  return {
    rows: () => [...known.values()],
    add(row) {
      const whole = { version, ...row };
      keep(whole);
      appendFileSync(file, `${JSON.stringify(whole)}\n`);
    },
  };
}

/** Half a line is left where a soak was killed while it wrote. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
