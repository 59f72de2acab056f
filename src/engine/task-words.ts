/** What the texts of a task speak of, found once: which leaf has what in its identity hangs on it. */
import type { LeafTask } from '../workflow/task.ts';

export interface TaskWords {
  /** UTF-8 bytes of the task as JSON. */
  readonly bytes: number;
  readonly params: boolean;
  readonly item: boolean;
  readonly iteration: boolean;
  readonly previous: boolean;
}

const known = new WeakMap<LeafTask, TaskWords>();

export function taskWords(task: LeafTask): TaskWords {
  const found = known.get(task);
  if (found !== undefined) return found;
  const text = JSON.stringify(task);
  const words = {
    bytes: Buffer.byteLength(text),
    params: text.includes('params.'),
    item: text.includes('item'),
    iteration: text.includes('iteration'),
    previous: text.includes('previous.'),
  };
  known.set(task, words);
  return words;
}
