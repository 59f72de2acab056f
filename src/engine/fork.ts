/**
 * Fork: a new run whose leaves are answered from the record of another one, where nothing that they
 * depend on has changed. Path and digest must be equal; a digest contains the digests of its inputs, so
 * exactly the changed cone runs again, in any order of completion.
 */
import type { TraceEvent } from '../trace/events.ts';
import type { NodePath } from '../workflow/node-path.ts';
import type { Reuse, ReusedLeaf } from './reuse.ts';

interface Recorded {
  readonly digest: string;
  readonly finished: ReusedLeaf;
}

/** An attempt that counts: not one that was broken off. */
const isResult = ({ late, short, stop }: Omit<ReusedLeaf, 'type'>): boolean =>
  late !== true && short === undefined && stop === undefined;

/** Looks recorded results up; `run` is the run that `events` are of. Linear in the trace, once. */
export function reuseFrom(run: string, events: Iterable<TraceEvent>): Reuse {
  const requested = new Map<string, string>();
  const recorded = new Map<NodePath, Recorded[]>();
  for (const event of events) {
    if (event.type === 'leaf.requested') {
      requested.set(`${event.path}#${event.attempt}`, event.digest);
    } else if (event.type === 'leaf.finished' && isResult(event)) {
      const { seq: _seq, at: _at, ...finished } = event;
      const digest = requested.get(`${event.path}#${event.attempt}`);
      const list = recorded.get(event.path) ?? [];
      recorded.set(event.path, list);
      if (digest !== undefined) list.push({ digest, finished });
    }
  }
  return (request, nth) => {
    const found = recorded.get(request.path)?.[nth - 1];
    if (found === undefined || found.digest !== request.digest) return undefined;
    const { attempt, from } = found.finished;
    const source = from ?? { run, path: request.path, attempt };
    return { ...found.finished, attempt: request.attempt, from: source };
  };
}
