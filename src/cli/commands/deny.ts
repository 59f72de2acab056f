import { answerQuestion } from '../answer-question.ts';
import type { RunCommand } from '../command.ts';

/** `whaleflow deny ID`. */
export const run: RunCommand = (context, input) => answerQuestion(context, input, false);
