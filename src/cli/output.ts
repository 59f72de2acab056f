/** Where a command writes: data to stdout (or `-o FILE`), talk to stderr. */
import { resolve } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { printableJson } from '../base/printable.ts';
import { refuseToReplace, writeOutput } from '../workbench/write-new-file.ts';
import type { GlobalFlags } from './flags.ts';
import type { Host } from './host.ts';
import { pickFields, pickOf, type RowFields } from './pick-fields.ts';
import { type Style, styleOf } from './style.ts';
import { typable } from './typed.ts';

export interface Output {
  /** How data is painted. */
  readonly style: Style;
  /** How talk is painted. */
  readonly talkStyle: Style;
  readonly isJson: boolean;
  /** Columns that lines of data should fit into; no limit where absent (a pipe, `--plain`). */
  readonly columns: number | undefined;
  /** One line of data or more; a line feed is added. */
  data(text: string): void;
  /** Text of a format: exactly as it is in a file or pipe, escaped as in JSON on a terminal. */
  raw(text: string): void;
  /** An object as JSON, cut down to the wanted fields; one line where stdout is no terminal. */
  json(value: JsonObject): void;
  /** One JSON value a line, for `jsonl` and followers. */
  jsonLine(value: JsonObject): void;
  /** One line on stderr, unless `--quiet`; commands in it are written as they can be typed. */
  talk(text: string): void;
  /** One line on stderr with `--verbose`. */
  note(text: string): void;
  /** Writes what was collected for `-o FILE`. */
  close(): void;
}

export function openOutput(host: Host, flags: GlobalFlags, rows?: RowFields): Output {
  const { color, verbosity, output, fields } = flags;
  const { env, stdout, stderr } = host;
  const style = styleOf({ env, stream: stdout, color: output === undefined ? color : 'never' });
  const talkStyle = styleOf({ env, stream: stderr, color });
  const collected: string[] = [];
  const path = resolve(host.cwd, flags.directory ?? '.', output ?? '');
  // Before the work, not after it.
  if (output !== undefined && !flags.force) refuseToReplace(path);
  const write = (text: string): void => {
    if (output === undefined) stdout.write(text);
    else collected.push(text);
  };
  const isTerminal = stdout.isTerminal && output === undefined;
  const indent = isTerminal ? 2 : 0;
  return {
    style,
    talkStyle,
    isJson: flags.format === 'json' || flags.format === 'jsonl',
    columns: flags.plain || output !== undefined ? undefined : stdout.size()?.columns,
    data: (text) => write(`${style.safe(text)}\n`),
    raw: (text) => write(isTerminal ? printableJson(text) : text),
    json: (value) => write(`${safeJson(pickFields(value, fields, rows), indent)}\n`),
    jsonLine: (value) => write(`${safeJson(pickOf(value, fields), 0)}\n`),
    talk(text) {
      if (verbosity >= 0) stderr.write(`${talkStyle.safe(typable(text))}\n`);
    },
    note(text) {
      if (verbosity >= 1) stderr.write(`${talkStyle.safe(talkStyle.paint('dim', text))}\n`);
    },
    close() {
      if (output === undefined || collected.length === 0) return;
      writeOutput({ path, pieces: collected, force: flags.force });
    },
  };
}

/** JSON in which nothing can move the cursor or hide: still the same value. */
export function safeJson(value: Json, indent: number): string {
  return printableJson(JSON.stringify(value, undefined, indent));
}
