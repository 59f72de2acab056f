/**
 * Answers that were given for good (`approve --always`). One is bound to the repository, the bytes of the
 * workflow file and of what it loads, the node and its words: an edited workflow asks again. They lie in
 * the user’s folder, where no repository can bring its own.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { StandingAnswers } from '../engine/questions.ts';
import type { RunStarted } from '../trace/run-state.ts';
import { digestJson } from '../workflow/digest.ts';
import { planNodeAt, planOf } from '../workflow/plan.ts';
import type { Workbench } from './workbench.ts';

interface StandingAnswer {
  readonly key: string;
  readonly approved: boolean;
  readonly by: string;
  /** For people who read the file. */
  readonly workflow: string;
  readonly node: string;
  readonly message: string;
  readonly at: string;
}

const fileOf = ({ places }: Workbench): string => join(places.userFolder, 'answers.jsonl');

/** Writes a rule. @throws {WhaleFlowError} WF2002 when the run has no source file to bind it to. */
export function addStandingAnswer(
  workbench: Workbench,
  started: RunStarted | undefined,
  given: {
    readonly path: string;
    readonly message: string;
    readonly approved: boolean;
    readonly by: string;
  },
): void {
  const question = started === undefined ? undefined : keyOf(workbench, started, given);
  if (started === undefined || question === undefined) {
    throw new WhaleFlowError('WF2002', 'an answer for good needs a workflow file to be bound to', {
      hint: 'answer this once: leave --always out',
    });
  }
  const { approved, by, message } = given;
  const at = new Date(workbench.clock.now()).toISOString();
  const workflow = started.spec.id;
  const { key, node } = question;
  const rule: StandingAnswer = { key, approved, by, workflow, node, message, at };
  mkdirSync(workbench.places.userFolder, { recursive: true, mode: 0o700 });
  appendFileSync(fileOf(workbench), `${JSON.stringify(rule)}\n`, { mode: 0o600 });
}

/** Looks answers up for a run; the last one of a question counts. */
export function standingAnswersOf(workbench: Workbench, started: RunStarted): StandingAnswers {
  return (asked) => {
    const question = keyOf(workbench, started, asked);
    if (question === undefined) return undefined;
    const found = readAnswers(workbench).findLast(({ key }) => key === question.key);
    if (found === undefined) return undefined;
    const { approved, by, at } = found;
    return { approved, by: 'rule', reason: `${by} said so for good on ${at}` };
  };
}

function keyOf(
  { places }: Workbench,
  { spec, source }: RunStarted,
  { path, message }: { readonly path: string; readonly message: string },
): { readonly key: string; readonly node: string } | undefined {
  const node = planNodeAt(planOf(spec), path)?.node.id;
  if (source === undefined || node === undefined) return undefined;
  const { digest, loads = {} } = source;
  const identity = { folder: places.mainRoot, workflow: spec.id, digest, loads, node, message };
  return { key: digestJson(identity), node };
}

/** Lines that are no answers are passed over. */
function readAnswers(workbench: Workbench): readonly StandingAnswer[] {
  let text: string;
  try {
    text = readFileSync(fileOf(workbench), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap(parseAnswer);
}

function parseAnswer(line: string): StandingAnswer[] {
  try {
    const { key, approved, by, ...rest } = JSON.parse(line) as Partial<StandingAnswer>;
    if (typeof key !== 'string' || typeof approved !== 'boolean') return [];
    return [{ workflow: '', node: '', message: '', at: '', ...rest, key, approved, by: by ?? '' }];
  } catch {
    return [];
  }
}
