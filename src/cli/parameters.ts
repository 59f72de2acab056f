/** Parameters of a run from `-a KEY=VALUE` and `--args FILE`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { isJsonDeeper } from '../base/json-depth.ts';
import { MAX_DOCUMENT_DEPTH } from '../workflow/document-limits.ts';
import type { CommandContext } from './context.ts';
import type { Host } from './host.ts';
import type { CommandInput } from './input.ts';

export interface GivenParameters {
  /** From the file. */
  readonly params: JsonObject;
  /** From the command line, to be read by the schema of the workflow; they beat the file. */
  readonly texts: Readonly<Record<string, string>>;
}

/** @throws {WhaleFlowError} WF2002, WF2003. */
export function readParameters(
  input: CommandInput,
  { host, cwd }: Pick<CommandContext, 'host' | 'cwd'>,
): GivenParameters {
  const file = input.text('args');
  const texts: Record<string, string> = Object.create(null);
  for (const word of input.list('arg')) {
    const cut = word.indexOf('=');
    if (cut < 1) {
      throw new WhaleFlowError('WF2002', `-a takes KEY=VALUE, not \`${word}\``);
    }
    texts[word.slice(0, cut)] = word.slice(cut + 1);
  }
  return { params: file === undefined ? {} : readFile(file, host, cwd), texts };
}

const MAX_BYTES = 1_048_576;

function readFile(file: string, host: Host, cwd: string): JsonObject {
  let text: string;
  try {
    text = file === '-' ? host.readInput() : readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new WhaleFlowError('WF2003', `--args: no file ${file}`, {
      hint: 'a JSON file with an object, or - for stdin; single ones: -a KEY=VALUE',
      cause,
    });
  }
  if (Buffer.byteLength(text) > MAX_BYTES || isJsonDeeper(text, MAX_DOCUMENT_DEPTH)) {
    const most = `1 MiB and ${MAX_DOCUMENT_DEPTH} levels`;
    throw new WhaleFlowError('WF2002', `--args: ${file} is more than ${most}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new WhaleFlowError('WF2002', `--args: ${file} is not JSON`, { cause });
  }
  throw new WhaleFlowError('WF2002', `--args: ${file} holds no JSON object`);
}
