/** `whaleflow demo`: a throw-away repository, its workflow run as any other, and what came of it. */
import { resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { readConfig } from '../../workbench/config.ts';
import { demoCommands } from '../../workbench/demo-files.ts';
import { createRun } from '../../workbench/launch-run.ts';
import { makeDemo } from '../../workbench/make-demo.ts';
import { consentOf, prepareRun } from '../../workbench/prepare-run.ts';
import { openWorkbench, type Workbench } from '../../workbench/workbench.ts';
import { lowered } from '../ceilings.ts';
import type { CommandContext } from '../context.ts';
import { type DemoNext, demoJson, demoLines } from '../demo-page.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { readParameters } from '../parameters.ts';
import type { EndParts } from '../print-end.ts';
import { programWords, shellWord } from '../program-words.ts';
import { shortIds } from '../runs.ts';
import { readSandbox } from '../sandbox-choice.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { host, flags, output } = context;
  const given = readParameters(input, context);
  const folder = await makeDemo(await context.workbench());
  output.talk('demo: models answer with made-up text; trees, edits and test runs are real');
  output.talk(`in a throw-away repository: ${folder}`);
  using workbench = openDemo(context, folder);
  const config = readConfig({ places: workbench.places, env: host.env, set: flags.set });
  const allow = demoCommands;
  const request = {
    workflow: 'demo',
    ...given,
    ...readSandbox(input),
    allow,
    model: 'mock',
  } as const;
  const prepared = lowered(await prepareRun(workbench, config, request), config.ceilings);
  const consent = consentOf('flag', { allow }, []);
  const run = await createRun(workbench, prepared, { consent });
  const end = (_context: CommandContext, parts: EndParts): void => sayEnd(context, parts, folder);
  return launch(context, workbench, input, { run, afterEpoch: 0, end });
}

/** The workbench of the demo’s folder: its store is its own, unless a state folder is named. */
function openDemo({ host, flags }: CommandContext, folder: string): Workbench {
  const { stateDir } = flags;
  return openWorkbench({
    cwd: folder,
    env: host.env,
    ...(stateDir === undefined ? {} : { stateDir: resolve(host.cwd, stateDir) }),
    ...(host.openStore === undefined ? {} : { openStore: host.openStore }),
  });
}

function sayEnd(context: CommandContext, parts: EndParts, folder: string): void {
  const { output } = context;
  const next = nextOf(context, parts, folder);
  if (output.isJson) {
    output.json(demoJson(parts, folder, next));
    return;
  }
  const { style, columns: width } = output;
  for (const line of demoLines(parts, { style, width, next })) output.data(line);
}

const MAX_NEXT = 3;

/** Commands that are there, with the folder that they need. */
function nextOf(
  { host, flags, known }: CommandContext,
  { store, standing }: EndParts,
  folder: string,
): readonly DemoNext[] {
  const run = shortIds(store.runs())(standing.row.run);
  const state = flags.stateDir === undefined ? [] : ['--state-dir', flags.stateDir];
  const place = ['-C', folder, ...state].map(shellWord).join(' ');
  const program = programWords({
    entry: process.argv[1] ?? '',
    node: process.execPath,
    cwd: host.cwd,
    path: host.env['PATH'] ?? '',
  });
  const all = [
    ['see the patch', 'diff', run],
    ['look at a test', 'show', `${run}/fixes/a[1]/a-tests`],
    ['prove it', 'replay', run],
    ['change one fix', 'fork', `${run} -a b=minimal -y`],
    ['take it along', 'export', run],
  ] as const;
  return all
    .filter(([, command]) => known.has(command))
    .slice(0, MAX_NEXT)
    .map(([what, command, words]) => {
      const shown = words.split(' ').map(shellWord).join(' ');
      return { what, line: `${program} ${place} ${command} ${shown}` };
    });
}
