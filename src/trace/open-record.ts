/**
 * What leaves that have not ended have recorded, kept along with the fold of a run: whoever goes on with
 * many of them need not fold the run again for each.
 */
import type { NodePath } from '../workflow/node-path.ts';
import { AttemptBook } from './attempt-book.ts';
import type { AttemptView } from './attempt-view.ts';
import type { TraceEvent } from './events.ts';
import { isBrokenOff, seeAttempt } from './see-attempt.ts';

interface Kept {
  /** The last attempt. */
  attempt: number;
  /** Attempts as a snapshot has them. */
  before: AttemptView[];
  readonly events: TraceEvent[];
}

export class OpenRecord {
  readonly #leaves = new Map<NodePath, Kept>();

  /** The attempts of a leaf as a snapshot has them, before its events are seen. */
  put(path: NodePath, attempts: AttemptView[]): void {
    const attempt = attempts.at(-1)?.attempt ?? 0;
    this.#leaves.set(path, { attempt, before: attempts, events: [] });
  }

  /** Events come in order. */
  see(event: TraceEvent): void {
    switch (event.type) {
      case 'leaf.requested': {
        const leaf = this.#leaves.get(event.path);
        const { path, attempt } = event;
        if (leaf === undefined) this.#leaves.set(path, { attempt, before: [], events: [event] });
        else {
          leaf.attempt = attempt;
          leaf.events.push(event);
        }
        return;
      }
      case 'model.called':
      case 'tool.called':
      case 'leaf.lost':
      case 'leaf.aborted':
      case 'leaf.restarted':
        this.#leaves.get(event.path)?.events.push(event);
        return;
      case 'leaf.finished': {
        const leaf = this.#leaves.get(event.path);
        // What comes after an end of its own begins anew.
        if (leaf?.attempt !== event.attempt || isBrokenOff(event)) leaf?.events.push(event);
        else this.#leaves.delete(event.path);
        return;
      }
      default:
        return;
    }
  }

  /** A person wants the leaf made anew: what it has recorded so far counts no more. */
  startAnew(path: NodePath): void {
    const leaf = this.#leaves.get(path);
    if (leaf === undefined) return;
    leaf.before = [];
    leaf.events.length = 0;
  }

  /** The attempts that whoever makes the next one may go on with, oldest first; only once. */
  take(path: NodePath): readonly AttemptView[] | undefined {
    const leaf = this.#leaves.get(path);
    if (leaf === undefined) return undefined;
    this.#leaves.delete(path);
    const book = new AttemptBook();
    book.put(path, leaf.before);
    for (const event of leaf.events) seeAttempt(book, event);
    return book.of(path);
  }
}
