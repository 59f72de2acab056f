/** Turns recorded outputs into values for a leaf: the only place of the engine that reads contents. */
import type { Json } from '../base/json.ts';
import type { ContentRef } from '../trace/content.ts';
import type { Fruit, OutputAddress } from '../trace/events.ts';
import type { OutputRef } from '../trace/outcome.ts';
import { fruitAt, type RunState, type Settled, settledAt } from '../trace/run-state.ts';
import type { NodePath } from '../workflow/node-path.ts';
import { fruitValue } from './fruit.ts';
import { dig } from './viewpoint.ts';

/** Reads a content of the run. @throws when the store has lost it. */
export type ReadContent = (ref: ContentRef) => Uint8Array;

/** The value at an address; null where there is none. */
export function valueAtAddress(state: RunState, address: OutputAddress, read: ReadContent): Json {
  if (address === null) return null;
  if ('subtree' in address) return subtreeDigest(state, address.subtree, read);
  if ('list' in address) {
    const list = address.list.map((path) =>
      path === null ? null : outputValue(state, path, read),
    );
    return address.field === undefined ? list : (dig(list, address.field) ?? null);
  }
  const value = outputValue(state, address.path, read);
  return address.field === undefined ? value : (dig(value, address.field) ?? null);
}

/** The whole output of an ended node; null where it gave none. */
export function outputValue(state: RunState, path: NodePath, read: ReadContent): Json {
  const settled = settledAt(state, path);
  if (settled === undefined) return null;
  if (settled.content !== undefined) return contentValue(settled.content, read);
  return refValue(state, settled.output, read);
}

const decoder = new TextDecoder();

/** A content as a value: parsed JSON, or text. */
function contentValue(ref: ContentRef, read: ReadContent): Json {
  const text = decoder.decode(read(ref));
  return ref.type === 'json' ? (JSON.parse(text) as Json) : text;
}

function refValue(state: RunState, output: OutputRef | undefined, read: ReadContent): Json {
  const at = (path: NodePath | null): Json =>
    path === null ? null : outputValue(state, path, read);
  const all = (entries: Readonly<Record<string, NodePath>>): Record<string, Json> =>
    Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, at(path)]));
  switch (output?.type) {
    case undefined:
    case 'none':
      return null;
    case 'node':
      return at(output.path);
    case 'list':
      return output.items.map(at);
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

const MAX_DIGEST_TEXT = 2_000;

/** What happened in a finished subtree, for a teacher: outcomes, failures, tries and short outputs. */
function subtreeDigest(state: RunState, path: NodePath, read: ReadContent): Json {
  const nodes: Json[] = [];
  for (const [at, entry] of state.nodes) {
    const isBelow = at === path || at.startsWith(`${path}/`) || at.startsWith(`${path}[`);
    if (isBelow && !entry.alive) nodes.push(digestOf(entry, fruitAt(state, at), read));
  }
  return nodes;
}

function digestOf(settled: Settled, fruit: readonly Fruit[], read: ReadContent): Json {
  const text = settled.content === undefined ? undefined : decoder.decode(read(settled.content));
  return {
    node: settled.path,
    outcome: settled.status,
    ...(settled.attempt > 1 ? { attempts: settled.attempt } : {}),
    ...(settled.failure === undefined
      ? {}
      : { failure: `${settled.failure.kind}: ${settled.failure.message}` }),
    ...(text === undefined ? {} : { output: text.slice(0, MAX_DIGEST_TEXT) }),
    ...(fruit.length === 0 ? {} : { fruit: fruit.map(({ type, title }) => ({ type, title })) }),
  };
}
