/** Parameters of a run from `-a KEY=VALUE` and `--args FILE`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { CommandInput } from './input.ts';

/** Single values beat the file. @throws {WhaleFlowError} WF2002, WF2003. */
export function readParameters(input: CommandInput, cwd: string): JsonObject {
  const file = input.text('args');
  const parameters: Record<string, Json> = Object.create(null);
  if (file !== undefined) Object.assign(parameters, readFile(file, cwd));
  for (const word of input.list('arg')) {
    const cut = word.indexOf('=');
    if (cut < 1) {
      throw new WhaleFlowError('WF2002', `-a takes KEY=VALUE, not \`${word}\``);
    }
    parameters[word.slice(0, cut)] = toValue(word.slice(cut + 1));
  }
  return parameters;
}

/** `3`, `true`, `["a"]` are JSON; everything else is text. */
function toValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const STDIN = 0;

function readFile(file: string, cwd: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file === '-' ? STDIN : resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new WhaleFlowError('WF2003', `--args: no file ${file}`, { cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new WhaleFlowError('WF2002', `--args: ${file} is not JSON`, { cause });
  }
  throw new WhaleFlowError('WF2002', `--args: ${file} holds no JSON object`);
}
