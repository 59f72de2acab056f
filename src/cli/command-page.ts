/** A leaf that ran a command, to read: what was run, how it ended, and what it wrote, as text. */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { AttemptView } from '../trace/attempt-view.ts';
import type { ContentRef } from '../trace/content.ts';
import type { CommandTask } from '../workflow/task.ts';
import { durationText } from './duration.ts';
import { shellWord } from './program-words.ts';

export type Read = (ref: ContentRef) => Json;

/** What it ran, with its templates filled where a process was started; else as it is written. */
export function commandText({ tools }: AttemptView, task: CommandTask, read: Read): string {
  const input = tools.map((tool) => read(tool.input)).find(isJsonObject);
  const run = isJsonObject(input) ? input['argv'] : undefined;
  const isRun = Array.isArray(run) && run.every((word) => typeof word === 'string');
  const argv = isRun ? run : task.argv;
  // One string of the author’s is shown as they wrote it.
  return task.shell === 'bash' ? (argv.at(-1) ?? '') : argv.map(shellWord).join(' ');
}

/** Rows of facts: how it ended, after how long, and what its tests came to. */
export function commandFacts(
  { tools, output }: AttemptView,
  read: Read,
): readonly (readonly [string, string])[] {
  const value = output === undefined ? undefined : read(output);
  if (!isJsonObject(value)) return [];
  const took = tools.at(-1)?.latencyMs;
  const after = took === undefined ? '' : ` after ${durationText(took)}`;
  return [
    ['exit', `${exitText(value)}${after}`],
    ['tests', testsText(value['tests'])],
  ];
}

function exitText({ exitCode, signal, timedOut }: JsonObject): string {
  if (timedOut === true) return 'none: ended at its time limit,';
  if (typeof exitCode === 'number') return String(exitCode);
  return typeof signal === 'string' ? `none: ended by ${signal}` : 'none';
}

function testsText(tests: Json | undefined): string {
  if (!isJsonObject(tests) || tests['status'] !== 'found') return '';
  const { passed, total, failed, skipped, source } = tests;
  if (total === 0) return `none ran (${source})`;
  return `${passed} of ${total} passed, ${failed} failed, ${skipped} skipped (${source})`;
}

/** What it wrote, by stream; nothing of a stream that stayed empty. */
export function writtenTexts(output: Json): readonly (readonly [string, string])[] {
  if (!isJsonObject(output)) return [];
  return ['stdout', 'stderr'].flatMap((name) => {
    const text = output[name];
    return typeof text === 'string' && text !== '' ? [[name, text] as const] : [];
  });
}
