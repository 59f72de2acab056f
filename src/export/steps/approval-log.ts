/** Questions to people and their answers. */
import type { Json } from '../../base/json.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { NodePath } from '../../workflow/node-path.ts';
import { toIsoTime } from '../iso-time.ts';
import type { Approval } from '../run-trace.ts';
import type { StepBook } from './step-book.ts';

type MutableApproval = { -readonly [K in keyof Approval]: Approval[K] };

export class ApprovalLog {
  readonly #book: StepBook;
  readonly #asked = new Map<NodePath, MutableApproval>();

  constructor(book: StepBook) {
    this.#book = book;
  }

  ask(path: NodePath, text: string, at: number): void {
    const step_id = this.#book.nodes.get(path)?.step.id ?? '';
    const message = this.#book.contents.say(text);
    const open = { answered_at: null, approved: null, by: null, reason: null };
    this.#asked.set(path, { path, step_id, message, asked_at: toIsoTime(at), ...open });
  }

  /** The node has ended; its outcome says who answered what, a timeout included. */
  end(path: NodePath, outcome: Outcome, at: number): void {
    const approval = this.#asked.get(path);
    const output = 'output' in outcome ? outcome.output : undefined;
    if (approval === undefined || output?.type !== 'value') return;
    const { approved, by, reason } = output.value as Readonly<Record<string, Json>>;
    approval.answered_at = toIsoTime(at);
    approval.approved = approved === true;
    approval.by = typeof by === 'string' ? by : null;
    approval.reason = typeof reason === 'string' ? this.#book.contents.say(reason) : null;
  }

  all(): readonly Approval[] {
    return [...this.#asked.values()];
  }
}
