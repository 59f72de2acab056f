import { expect, test } from 'vitest';
import { nodeTimers } from '../system/node/node-clock.ts';
import { openScratch, scratchFolder } from '../trace/sqlite/scratch-store.suite.ts';
import { add, begin, rowOf } from '../trace/trace-store.suite.ts';
import { follow } from './follow.ts';

test('a follower goes on behind the end of a driver and its checkpoint, and reads nothing twice', async () => {
  const folder = scratchFolder();
  const first = openScratch(folder);
  await begin(first, 'run-1');
  await add(first, 'run-1', 1, 'a', 'b');
  using reader = openScratch(folder);
  const reads: number[] = [];
  const counted = {
    ...reader,
    read(run: string, after: number, limit?: number) {
      reads.push(after);
      return reader.read(run, after, limit);
    },
  };
  const stop = new AbortController();
  const request = { run: 'run-1', after: 0, timers: nodeTimers };
  const batches = follow(counted, request, stop.signal);
  const next = async (): Promise<readonly number[]> => {
    const { value } = await batches.next();
    return (value ?? []).map(({ seq }: { readonly seq: number }) => seq);
  };
  expect(await next()).toEqual([1, 2, 3]);
  // The last word of a driver truncates the log; the next driver is another connection.
  await first.release('run-1', 1);
  first[Symbol.dispose]();
  using second = openScratch(folder);
  const holder = { pid: 42, host: 'here', bootId: 'boot-1' };
  const { epoch } = await second.acquire('run-1', holder, {
    now: 2000,
    staleMs: 100,
    isAlive: () => false,
  });
  const coming = next();
  const events = [{ type: 'node.started', path: 'late', at: 2 }] as const;
  await second.append({ run: 'run-1', epoch, after: 3, events, row: rowOf('run-1', 4) });
  expect(await coming).toEqual([4]);
  expect(reads.slice(1).every((after) => after === 3)).toBe(true);
  stop.abort();
  await batches.return(undefined);
});
