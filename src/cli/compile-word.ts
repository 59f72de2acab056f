import { WhaleFlowError } from '../base/errors.ts';
import { type CompiledFile, compileFile, compileText } from '../workbench/compile.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { Host } from './host.ts';

/** Compiles what a word of the command line names: `-` is stdin, anything else as `compileFile`. */
export function compileWord(host: Host, workbench: Workbench, word: string): CompiledFile {
  return word === '-' ? compileText(workbench, readWorkflow(host)) : compileFile(workbench, word);
}

/** The workflow on stdin. @throws {WhaleFlowError} WF2002 when a terminal is there instead. */
export function readWorkflow(host: Host): string {
  if (!host.hasInput) return host.readInput();
  throw new WhaleFlowError('WF2002', '`-` reads the workflow from stdin, and that is a terminal', {
    hint: 'whaleflow run - < FILE',
  });
}
