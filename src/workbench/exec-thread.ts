/** The thread of `exec-in-thread`: one program, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { StarlarkError } from '../starlark/error.ts';
import { fromJson, type JsonValue, toJson } from '../starlark/json-value.ts';
import { exec } from '../starlark/starlark.ts';
import type { Value } from '../starlark/value.ts';
import type { ThreadRequest, ThreadResult } from './exec-in-thread.ts';

const MAX_PRINTED = 1_000;

const { predeclared = {}, ...request }: ThreadRequest = workerData;
const printed: string[] = [];
const given = Object.entries(predeclared).map(([name, value]) => [name, fromJson(value)]);
const result = exec({
  ...request,
  predeclared: Object.fromEntries(given) as Readonly<Record<string, Value>>,
  print(message) {
    if (printed.length < MAX_PRINTED) printed.push(message);
  },
});
const answer: ThreadResult = result.ok
  ? { ok: true, globals: dataOf(result.globals), printed, steps: result.steps }
  : { ...result, printed };
parentPort?.postMessage(answer);

function dataOf(globals: ReadonlyMap<string, Value>): Readonly<Record<string, JsonValue>> {
  const data: Record<string, JsonValue> = Object.create(null);
  for (const [name, value] of globals) {
    try {
      data[name] = toJson(value);
    } catch (error) {
      if (!(error instanceof StarlarkError)) throw error;
    }
  }
  return data;
}
