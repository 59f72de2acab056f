/**
 * The attempts of all leaves of a run. Those of leaves that ended before the snapshot that a fold began
 * with are only read when somebody asks for them.
 */
import type { NodePath } from '../workflow/node-path.ts';
import { type AttemptView, newAttempt, type RequestEvent } from './attempt-view.ts';

/** Attempts that a snapshot keeps. */
export interface KeptAttempts {
  of(path: NodePath): AttemptView[] | undefined;
  all(): Iterable<readonly [NodePath, AttemptView[]]>;
}

const NOTHING_KEPT: KeptAttempts = { of: () => undefined, all: () => [] };

export class AttemptBook {
  readonly #own = new Map<NodePath, AttemptView[]>();
  readonly #kept: KeptAttempts;

  constructor(kept: KeptAttempts = NOTHING_KEPT) {
    this.#kept = kept;
  }

  /** Attempts of a leaf, in order. */
  of(path: NodePath): readonly AttemptView[] {
    return this.#own.get(path) ?? this.#adopt(path) ?? [];
  }

  /** One attempt of a leaf, for what its events change in it. */
  find(path: NodePath, number: number): AttemptView | undefined {
    return this.of(path).find(({ attempt }) => attempt === number);
  }

  begin(request: RequestEvent): void {
    // A leaf that is tried again has not ended: its attempts are here.
    const list = this.#own.get(request.path) ?? [];
    list.push(newAttempt(request));
    this.#own.set(request.path, list);
  }

  put(path: NodePath, attempts: AttemptView[]): void {
    this.#own.set(path, attempts);
  }

  /** Attempts of all leaves, in the order of their first request. */
  all(): readonly (readonly [NodePath, readonly AttemptView[]])[] {
    const kept = [...this.#kept.all()].filter(([path]) => !this.#own.has(path));
    const seqOf = (attempts: readonly AttemptView[]): number => attempts[0]?.request.seq ?? 0;
    return [...kept, ...this.#own].sort(([, a], [, b]) => seqOf(a) - seqOf(b));
  }

  /** Takes out what is in memory of leaves that have come to rest. */
  takeAtRest(isAtRest: (path: NodePath) => boolean): [NodePath, AttemptView[]][] {
    const taken = [...this.#own].filter(([path]) => isAtRest(path));
    for (const [path] of taken) this.#own.delete(path);
    return taken;
  }

  /** What is in memory. */
  own(): readonly (readonly [NodePath, readonly AttemptView[]])[] {
    return [...this.#own];
  }

  #adopt(path: NodePath): AttemptView[] | undefined {
    const found = this.#kept.of(path);
    if (found !== undefined) this.#own.set(path, found);
    return found;
  }
}
