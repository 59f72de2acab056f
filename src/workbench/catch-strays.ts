/**
 * Keeps a driver alive over what nobody in it catches. Node tells in which asynchronous context that was
 * begun (`AsyncLocalStorage`): so the leaf is known whose fault it is. What is no leaf’s fault leaves the
 * driver in a state that nobody can vouch for: it must end, and the next one goes on from the record.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { WhaleFlowError } from '../base/errors.ts';
import type { StrayErrors } from '../engine/stray-errors.ts';

export interface CaughtStrays extends StrayErrors, Disposable {
  /** Rejects with the first error that is no leaf’s fault. */
  readonly nobodys: Promise<never>;
}

type OnStray = (error: unknown) => boolean;

const owner = new AsyncLocalStorage<OnStray>();
const catchers = new Set<(error: unknown) => void>();

/** Catches in all of this process until disposed. Drivers only: a process belongs to its application. */
export function catchStrays(): CaughtStrays {
  const { promise, reject } = Promise.withResolvers<never>();
  // It may come before anybody waits for it.
  promise.catch(() => {});
  let isEnding = false;
  const onNobodys = (error: unknown): void => {
    isEnding = true;
    reject(ofNobody(error));
  };
  if (catchers.size === 0) listen('on');
  catchers.add(onNobodys);
  return {
    nobodys: promise,
    during: (onStray, work) => owner.run(onStray, work),
    outside: (work) => owner.exit(work),
    [Symbol.dispose]() {
      // What fails in a process that ends for such an error says nothing more.
      if (isEnding) return;
      catchers.delete(onNobodys);
      if (catchers.size === 0) listen('off');
    },
  };
}

function listen(how: 'on' | 'off'): void {
  process[how]('uncaughtException', catchOne);
  process[how]('unhandledRejection', catchOne);
}

function catchOne(error: unknown): void {
  const onStray = owner.getStore();
  if (onStray === undefined) for (const onNobodys of catchers) onNobodys(error);
  else if (!onStray(error)) {
    process.emitWarning(`a leaf that has ended left this behind: ${messageOf(error)}`);
  }
}

function ofNobody(cause: unknown): WhaleFlowError {
  const message = `the driver ended for an error that no leaf began: ${messageOf(cause)}`;
  return new WhaleFlowError('WF5006', message, {
    hint: 'what was recorded is kept, `whaleflow resume` goes on; this is our fault: please report it',
    cause,
  });
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
