/**
 * The argv of a command leaf. Each element is filled in by itself and stays one argument. In a program
 * for bash a value never becomes program text: it goes in as a positional parameter, quoted for the place
 * where it stands.
 */
import { type CommandTask, joinArgv } from '../../workflow/task.ts';
import { parseTemplate } from '../../workflow/template.ts';
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
  const { script, values } = bashProgram(argv.at(-1) ?? '', job);
  const shown = [...argv.slice(0, -1), script];
  return { argv: values.length === 0 ? shown : [...shown, SHELL_NAME, ...values], shown };
}

/** Whether one of the globs allows the command; see `joinArgv`. */
export function commandText({ shown }: CommandArgv): string {
  return joinArgv(shown);
}

function bashProgram(
  template: string,
  job: LeafJob,
): { readonly script: string; readonly values: readonly string[] } {
  const values: string[] = [];
  let script = '';
  for (const part of parseTemplate(template).parts) {
    if (part.type === 'text') {
      script += part.text;
      continue;
    }
    values.push(argumentOf(`{{${part.text}}}`, job));
    script += expansion(values.length, quoteAround(script));
  }
  return { script, values };
}

type Quote = 'none' | 'single' | 'double';

function expansion(number: number, quote: Quote): string {
  switch (quote) {
    case 'none':
      return `"\${${number}}"`;
    case 'double':
      return `\${${number}}`;
    case 'single':
      return `'"\${${number}}"'`;
  }
}

/** The quotes that are open at the end of a piece of bash. */
function quoteAround(script: string): Quote {
  let quote: Quote = 'none';
  for (let index = 0; index < script.length; index += 1) {
    const character = script[index];
    if (character === '\\' && quote !== 'single') index += 1;
    else if (character === "'" && quote !== 'double')
      quote = quote === 'single' ? 'none' : 'single';
    else if (character === '"' && quote !== 'single')
      quote = quote === 'double' ? 'none' : 'double';
  }
  return quote;
}
