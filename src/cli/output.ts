/** Where a command writes: data to stdout (or `-o FILE`), talk to stderr. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { printableJson } from '../base/printable.ts';
import { toWriteError } from '../workbench/write-error.ts';
import type { GlobalFlags } from './flags.ts';
import type { Host } from './host.ts';
import { type Style, styleOf } from './style.ts';

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
  jsonLine(value: Json): void;
  /** One line on stderr, unless `--quiet`. */
  talk(text: string): void;
  /** One line on stderr with `--verbose`. */
  note(text: string): void;
  /** Writes what was collected for `-o FILE`. */
  close(): void;
}

export function openOutput(host: Host, flags: GlobalFlags): Output {
  const { color, verbosity, output } = flags;
  const { env, stdout, stderr } = host;
  const style = styleOf({ env, stream: stdout, color: output === undefined ? color : 'never' });
  const talkStyle = styleOf({ env, stream: stderr, color });
  const collected: string[] = [];
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
    json: (value) => write(`${safeJson(selectFields(value, flags.fields), indent)}\n`),
    jsonLine: (value) => write(`${safeJson(value, 0)}\n`),
    talk(text) {
      if (verbosity >= 0) stderr.write(`${talkStyle.safe(text)}\n`);
    },
    note(text) {
      if (verbosity >= 1) stderr.write(`${talkStyle.safe(talkStyle.paint('dim', text))}\n`);
    },
    close() {
      if (output === undefined || collected.length === 0) return;
      const path = resolve(host.cwd, flags.directory ?? '.', output);
      try {
        writeFileSync(path, collected.join(''));
      } catch (cause) {
        throw toWriteError(cause, path);
      }
    },
  };
}

/** JSON in which nothing can move the cursor or hide: still the same value. */
export function safeJson(value: Json, indent: number): string {
  return printableJson(JSON.stringify(value, undefined, indent));
}

/** `schema` and the wanted fields. @throws {WhaleFlowError} WF2002 for a field that is not there. */
function selectFields(value: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined) return value;
  const schema = value['schema'];
  const chosen: Record<string, Json> = schema === undefined ? {} : { schema };
  for (const name of fields) {
    const field = value[name];
    if (field === undefined) {
      const names = Object.keys(value);
      const hint = suggestion(name, names) ?? `there are: ${names.join(', ')}`;
      throw new WhaleFlowError('WF2002', `--json: no field \`${name}\``, { hint });
    }
    chosen[name] = field;
  }
  return chosen;
}
