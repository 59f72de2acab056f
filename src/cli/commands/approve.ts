import { answerQuestion } from '../answer-question.ts';
import type { RunCommand } from '../command.ts';

/** `whaleflow approve ID`. */
export const run: RunCommand = (context, input) => answerQuestion(context, input, true);
