/** `whaleflow verify [RUN|FILE]`: hash chains, contents and summaries, or a trace file. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { VerifyProblem } from '../../trace/trace-store.ts';
import { findRun } from '../../workbench/find-run.ts';
import { type Verification, verifyFile, verifyRun } from '../../workbench/verify-run.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import { wrapped } from '../wrapped.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output } = context;
  const [word] = input.words;
  const found = await verify(context, word);
  const { problems, runs, events } = found;
  const isOfFile = word !== undefined && isFile(resolve(context.cwd, word));
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.verify/1',
      ok: problems.length === 0,
      runs,
      events,
      problems: problems.map((problem) => ({ ...problem })),
    });
  } else printFound(context, found);
  if (problems.length === 0) return 0;
  output.close();
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new WhaleFlowError('WF5003', `${word ?? 'the store'} is damaged: ${count}`, {
    hint: isOfFile ? FILE_HINT : hintFor(problems),
  });
}

const FILE_HINT =
  'no run of yours is concerned; where the run is: whaleflow export RUN -o FILE writes a new one';

const hintFor = (problems: readonly VerifyProblem[]): string =>
  problems.every((problem) => problem.run === '')
    ? 'no run is damaged: do what is said above, then verify again'
    : 'what is not named is sound; `whaleflow recover` saves the sound beginning of each run';

async function verify(context: CommandContext, word: string | undefined): Promise<Verification> {
  if (word !== undefined && isFile(resolve(context.cwd, word))) {
    return verifyFile(resolve(context.cwd, word));
  }
  const workbench = await context.workbench();
  return verifyRun(workbench, word === undefined ? undefined : runNamed(workbench, word));
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** A run that only the heads know is verified too: it is exactly what has to be found. */
function runNamed(workbench: Workbench, word: string): string {
  try {
    return findRun(workbench.store('read'), word).row.run;
  } catch (error) {
    const isUnknown = error instanceof WhaleFlowError && error.code === 'WF2004';
    if (isUnknown && /^[0-9a-hjkmnp-tv-z]{12}$/.test(word)) return word;
    throw error;
  }
}

function printFound({ output }: CommandContext, { runs, events, problems }: Verification): void {
  const { style, columns } = output;
  for (const problem of problems) {
    // What is wrong stands at the end of the line: it is never cut.
    const text = printable(`${placeOf(problem)}${problem.message}`);
    const lines = columns === undefined ? [text] : wrapped(text, columns - 2);
    for (const [at, line] of lines.entries()) {
      const head = at === 0 ? markSegment('failed', style) : { text: ' ' };
      output.data(lineText([head, { text: ` ${line}` }], style, undefined));
    }
  }
  if (problems.length > 0) return;
  const what = `${runs === 1 ? '1 run' : `${runs} runs`}, ${events} events`;
  const said = [markSegment('done', style), { text: ` ${what}: nothing is damaged` }];
  output.data(lineText(said, style, columns));
}

function placeOf({ run, seq }: VerifyProblem): string {
  if (run === '') return '';
  return seq === 0 ? `${printable(run)}: ` : `${printable(run)} event ${seq}: `;
}
