/** Questions that wait for a person: of `approve` nodes and of leaves; and their answers. */
import { WhaleFlowError } from '../base/errors.ts';
import { foldRun } from '../trace/read-run.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { RunStarted } from '../trace/run-state.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { planNodeAt } from '../workflow/plan.ts';
import type { Address } from './find-run.ts';
import { addStandingAnswer } from './standing-answers.ts';
import { type Heard, isFinished, requireUnfinished, type Steering, tell } from './tell.ts';
import type { Workbench } from './workbench.ts';

export interface Approval {
  readonly run: string;
  readonly workflow: string;
  readonly path: string;
  readonly message: string;
  /** Wall time, ms. */
  readonly askedAt: number;
  /** When the answer is given by the clock; never where absent. */
  readonly timeoutAt?: number;
  /** A leaf in flight asks; it holds its slot until it is answered. */
  readonly isInLeaf: boolean;
}

/** What a run waits for, oldest first. Answers that are on their way count as given. */
export function approvalsOf(store: TraceStore, row: RunRow): readonly Approval[] {
  if (row.waiting === 0 || isFinished(row)) return [];
  const { run, workflow } = row;
  return questionsOf(store, run).questions.map((question) => ({ run, workflow, ...question }));
}

/** What all runs of the store wait for; the newest run first. */
export function waitingApprovals(store: TraceStore): readonly Approval[] {
  const rows = store.runs().filter((row) => row.waiting > 0 && !isFinished(row));
  return rows.flatMap((row) => approvalsOf(store, row));
}

type Question = Omit<Approval, 'run' | 'workflow'>;

function questionsOf(
  store: TraceStore,
  run: string,
): { readonly started: RunStarted | undefined; readonly questions: readonly Question[] } {
  const asked = new Map<string, { readonly message: string; readonly at: number }>();
  const state = foldRun(store, run, (event) => {
    if (event.type === 'approval.requested' || event.type === 'approval.asked') {
      asked.set(event.path, { message: event.message, at: event.at });
    }
  });
  const answered = new Set(
    store.commands(run).flatMap(({ command }) => (command.type === 'answer' ? command.path : [])),
  );
  const waiting = [...state.waiting].filter((path) => !answered.has(path));
  const questions = waiting.map((path): Question => {
    const { message = '', at: askedAt = 0 } = asked.get(path) ?? {};
    const node = state.plan === undefined ? undefined : planNodeAt(state.plan, path)?.node;
    const timeoutMs = node?.kind === 'approve' ? node.timeoutMs : undefined;
    const timeout = timeoutMs === undefined ? {} : { timeoutAt: askedAt + timeoutMs };
    return { path, message, askedAt, ...timeout, isInLeaf: node?.kind === 'leaf' };
  });
  return { started: state.started, questions };
}

export interface AnswerRequest {
  readonly approved: boolean;
  readonly reason?: string;
  /** Also for later runs of the same file, by the same node with the same words. */
  readonly isForGood: boolean;
}

export interface Answered {
  readonly path: string;
  readonly message: string;
  readonly heard: Heard;
}

/**
 * Answers a question; without a path the only one that the run has.
 * @throws {WhaleFlowError} WF5004 finished, WF2006 nothing waits there, or more than one does; WF2002 an
 * answer for good to a run without a source file.
 */
export async function answer(
  workbench: Workbench,
  { row, path }: Address,
  { approved, reason, isForGood }: AnswerRequest,
  steering: Steering,
): Promise<Answered> {
  requireUnfinished(row);
  const store = workbench.store('write');
  const { started, questions } = questionsOf(store, row.run);
  const question = pick(row.run, path, questions);
  if (isForGood) {
    addStandingAnswer(workbench, started, {
      path: question.path,
      message: question.message,
      approved,
      by: steering.by,
    });
  }
  const because = reason === undefined ? {} : { reason };
  const command = { type: 'answer', path: question.path, approved, ...because } as const;
  const heard = await tell(workbench, row, command, steering);
  return { path: question.path, message: question.message, heard };
}

function pick(run: string, path: string | undefined, questions: readonly Question[]): Question {
  const fitting = path === undefined ? questions : questions.filter((one) => one.path === path);
  const [only, other] = fitting;
  if (only !== undefined && other === undefined) return only;
  if (only !== undefined) {
    throw new WhaleFlowError('WF2006', `${run} has ${fitting.length} questions`, {
      notes: fitting.slice(0, 10).map((one) => `${run}/${one.path}  ${one.message}`),
      hint: 'name one of them',
    });
  }
  const where = path === undefined ? run : `${run}/${path}`;
  throw new WhaleFlowError('WF2006', `nothing waits for an answer at ${where}`, {
    hint: 'see what does: whaleflow approvals',
  });
}
