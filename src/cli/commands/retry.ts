/** `whaleflow retry RUN/LEAF`: in place while it is in flight, as a fork when it has ended. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { viewRun } from '../../trace/read-run.ts';
import { isDriven } from '../../workbench/liveness.ts';
import { addressText } from '../address.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { typed } from '../typed.ts';
import { forkRun } from './fork.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [word = ''] = input.words;
  const workbench = await context.workbench();
  const address = addressed(workbench, word);
  const { row, path } = address;
  if (path === undefined) {
    throw new WhaleFlowError('WF2002', 'retry takes RUN/LEAF', {
      hint: `the whole run: whaleflow fork ${shellWord(word)}     its leaves: whaleflow show ${shellWord(word)}`,
    });
  }
  const store = workbench.store('write');
  const view = viewRun(store, row.run);
  const short = shortIds(store.runs())(row.run);
  if (view.attempt(path) === undefined) {
    throw new WhaleFlowError('WF2006', `no leaf ${path} has run in ${row.run}`, {
      hint: `see its leaves: whaleflow show ${short}`,
    });
  }
  if (!view.state.inFlight.has(path)) {
    const request = { allow: [], allowEnv: input.list('allow-env'), at: path };
    return forkRun(context, { workbench, address, request, input });
  }
  if (!isDriven(workbench, store, row.run)) {
    throw new WhaleFlowError('WF5006', `nobody drives ${row.run}`, {
      hint: `resume runs it again: whaleflow resume ${short}`,
    });
  }
  const by = context.host.env['USER'] ?? 'person';
  await store.send(row.run, by, workbench.clock.now(), { type: 'retry', path });
  const shown = addressText(short, path);
  if (context.output.isJson) {
    context.output.json({ schema: 'whaleflow.retry/1', run: row.run, path, restarted: true });
  } else context.output.data(`restarting ${shown}   ${typed(`watch ${short}`)}`);
  return 0;
}
