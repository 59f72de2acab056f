/**
 * The argv of a command leaf. Each element is filled in by itself and stays one argument. In a program
 * for bash a value never becomes program text: it goes in as a positional parameter, quoted for the place
 * where it stands.
 */
import { bashProgram } from '../../workflow/bash-program.ts';
import { type CommandTask, joinArgv } from '../../workflow/task.ts';
import type { LeafJob } from '../leaf-job.ts';
import { argumentOf } from './prompt.ts';

export interface CommandArgv {
  /** What is started. */
  readonly argv: readonly string[];
  /** What the author wrote, filled in: for permissions, records and people. */
  readonly shown: readonly string[];
}

/** Name of the program in its own messages; `$0` of a bash program. */
const SHELL_NAME = 'whaleflow';

export function commandArgv(job: LeafJob<CommandTask>): CommandArgv {
  const { argv, shell } = job.node.task;
  if (shell === undefined) {
    const filled = argv.map((argument) => argumentOf(argument, job));
    return { argv: filled, shown: filled };
  }
  const { script, values: holes } = bashProgram(argv.at(-1) ?? '');
  const values = holes.map(({ text }) => argumentOf(`{{${text}}}`, job));
  const shown = [...argv.slice(0, -1), script];
  return { argv: values.length === 0 ? shown : [...shown, SHELL_NAME, ...values], shown };
}

/** Whether one of the globs allows the command; see `joinArgv`. */
export function commandText({ shown }: CommandArgv): string {
  return joinArgv(shown);
}
