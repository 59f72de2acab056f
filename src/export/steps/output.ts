/** What nodes gave and got, as the trace shows it. */
import type { Json } from '../../base/json.ts';
import { fruitValue } from '../../engine/fruit.ts';
import { outputValue, type ReadContent, valueAtAddress } from '../../engine/outputs.ts';
import type { OutputAddress } from '../../trace/events.ts';
import type { OutputRef } from '../../trace/outcome.ts';
import { type RunState, settledAt } from '../../trace/run-state.ts';
import type { NodePath } from '../../workflow/node-path.ts';
import { joinArgv, type LeafTask } from '../../workflow/task.ts';
import { type Contents, NOTHING, type Shown } from './contents.ts';

/** One leaf’s output stays the content that it is; what is put together becomes a text. */
export function showOutput(
  state: RunState,
  output: OutputRef | undefined,
  contents: Contents,
): Shown {
  let found = output;
  while (found?.type === 'node') {
    const settled = settledAt(state, found.path);
    if (settled?.content !== undefined) return contents.showRef(settled.content);
    found = settled?.output;
  }
  if (found === undefined || found.type === 'none') return NOTHING;
  return contents.showValue(composedValue(state, found, (ref) => contents.read(ref)));
}

function composedValue(state: RunState, output: OutputRef, read: ReadContent): Json {
  const at = (path: NodePath): Json => outputValue(state, path, read);
  const all = (entries: Readonly<Record<string, NodePath>>): Readonly<Record<string, Json>> =>
    Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, at(path)]));
  switch (output.type) {
    case 'none':
      return null;
    case 'node':
      return at(output.path);
    case 'list':
      return output.items.map((path) => (path === null ? null : at(path)));
    case 'record':
      return all(output.entries);
    case 'value':
      if (output.parts === undefined && output.fruit === undefined) return output.value;
      return {
        ...(output.value as Record<string, Json>),
        ...all(output.parts ?? {}),
        ...(output.fruit === undefined ? {} : { fruit: fruitValue(state, output.fruit) }),
      };
  }
}

/** The inputs of a leaf by name, or what its task says where it has none. */
export function inputsOf(
  state: RunState,
  inputs: Readonly<Record<string, OutputAddress>> | undefined,
  task: LeafTask,
  contents: Contents,
): Json {
  const entries = Object.entries(inputs ?? {});
  if (entries.length === 0) return taskText(task);
  return Object.fromEntries(
    entries.map(([name, address]) => [
      name,
      valueAtAddress(state, address, (ref) => contents.read(ref)),
    ]),
  );
}

function taskText(task: LeafTask): string | null {
  switch (task.type) {
    case 'model':
    case 'agent':
    case 'external':
    case 'rlm':
      return task.prompt;
    case 'command':
      return joinArgv(task.argv);
    case 'harvest':
      return joinArgv(task.check.argv);
    case 'search':
      return task.query;
    case 'memory':
      return task.key;
    case 'merge':
      return null;
  }
}
