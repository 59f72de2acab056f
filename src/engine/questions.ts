/**
 * Questions to a person, as the driver of a run sees them: those of leaves in flight, which wait for
 * their answer in this process, and standing answers that somebody gave for good.
 */
import type { Answer, Question } from '../leaf/leaf-host.ts';
import type { Timers } from '../system/clock.ts';
import type { EventBody, Fact } from '../trace/events.ts';

/** Answers that stand: given once with `--always`, for this question of this workflow. */
export type StandingAnswers = (question: {
  readonly path: string;
  readonly message: string;
}) => Answer | undefined;

export interface QuestionParts {
  /** Resolves when the fact is durable. */
  readonly post: (fact: Fact) => Promise<void>;
  readonly timers: Timers;
  readonly standing?: StandingAnswers;
}

export class Questions {
  readonly #parts: QuestionParts;
  readonly #open = new Map<string, (answer: Answer) => void>();
  /** The question of each leaf that nobody has answered. */
  readonly #asked = new Map<string, string>();
  /** Answers that nobody was there to hear, by question: a leaf that asks the same again after a crash has them. */
  readonly #kept = new Map<string, Map<string, Answer[]>>();

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  /** Asks for a leaf. @throws the reason of `signal`; what `post` rejects with. */
  async ask(path: string, question: Question, signal: AbortSignal): Promise<Answer> {
    const { message, timeoutMs } = question;
    signal.throwIfAborted();
    const known = this.#kept.get(path)?.get(message)?.shift();
    if (known !== undefined) return known;
    const { post, timers } = this.#parts;
    const answered = Promise.withResolvers<Answer>();
    const onAbort = (): void => answered.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#open.set(path, answered.resolve);
    const late = { type: 'approval.answered', path, approved: false, by: 'timeout' } as const;
    const timer =
      timeoutMs === undefined
        ? undefined
        : timers.after(timeoutMs, () => void post(late).catch(() => {}));
    try {
      await Promise.race([post({ type: 'approval.asked', path, message }), answered.promise]);
      return await answered.promise;
    } finally {
      answered.promise.catch(() => {});
      signal.removeEventListener('abort', onAbort);
      timer?.cancel();
      this.#open.delete(path);
    }
  }

  /** Takes note of an event that is durable, of this driver or an earlier one. */
  see(event: EventBody): void {
    if (event.type === 'approval.asked') this.#asked.set(event.path, event.message);
    else if (event.type === 'approval.answered') this.#hear(event);
    else if (event.type === 'leaf.finished') {
      this.#kept.delete(event.path);
      this.#asked.delete(event.path);
    }
  }

  /** Answers what somebody has answered for good. */
  answerStanding(event: EventBody): void {
    if (event.type !== 'approval.asked' && event.type !== 'approval.requested') return;
    const { path, message } = event;
    const answer = this.#parts.standing?.({ path, message });
    if (answer === undefined) return;
    this.#parts.post({ type: 'approval.answered', path, ...answer }).catch(() => {});
  }

  #hear({ path, approved, by, reason }: Extract<Fact, { type: 'approval.answered' }>): void {
    const answer = { approved, by, ...(reason === undefined ? {} : { reason }) };
    const hear = this.#open.get(path);
    const message = this.#asked.get(path);
    this.#asked.delete(path);
    if (hear !== undefined) hear(answer);
    else if (message !== undefined) {
      const kept = this.#kept.get(path) ?? new Map<string, Answer[]>();
      this.#kept.set(path, kept.set(message, [...(kept.get(message) ?? []), answer]));
    }
  }
}
