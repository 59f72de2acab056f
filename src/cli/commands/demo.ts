/** `whaleflow demo`: a throw-away repository, its workflow run as any other, and what came of it. */
import { homedir } from 'node:os';
import { relative, resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { readConfig } from '../../workbench/config.ts';
import { type DemoFindings, demoFindings } from '../../workbench/demo-findings.ts';
import { createRun } from '../../workbench/launch-run.ts';
import { makeDemo, OWN_PROGRAM } from '../../workbench/make-demo.ts';
import { type PreparedDemo, prepareDemo } from '../../workbench/prepare-demo.ts';
import { consentOf } from '../../workbench/prepare-run.ts';
import { openWorkbench, type Workbench } from '../../workbench/workbench.ts';
import { lowered, readCeilings } from '../ceilings.ts';
import { obtainConsent } from '../consent.ts';
import type { CommandContext } from '../context.ts';
import { type DemoNext, demoJson, demoLines } from '../demo-page.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { readParameters } from '../parameters.ts';
import { type EndParts, outputOf } from '../print-end.ts';
import { programWords, shellWord } from '../program-words.ts';
import { readSandbox } from '../sandbox-choice.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { host, flags, output } = context;
  const given = readParameters(input, context);
  const program = programOf(context);
  const folder = await makeDemo(await context.workbench(), {
    name: 'demo',
    program: program === OWN_PROGRAM ? [] : [process.execPath, resolve(process.argv[1] ?? '')],
  });
  using workbench = openDemo(context, folder);
  const config = readConfig({ places: workbench.places, env: host.env, set: flags.set });
  const demo = await prepareDemo(workbench, config, {
    ...given,
    ...readSandbox(input),
    model: 'demo:scripted',
    models: input.list('model'),
    allow: input.list('allow'),
  });
  const prepared = lowered(demo.prepared, config.ceilings, readCeilings(input));
  for (const line of headLines(context, { folder, demo })) output.talk(line);
  const { allow } = demo;
  const consent =
    prepared.unaccepted.length === 0
      ? consentOf('flag', { allow }, [])
      : await obtainConsent(context, { prepared, allow, plan: [] });
  if (consent === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  const run = await createRun(workbench, prepared, { consent });
  const end = (_context: CommandContext, parts: EndParts): void =>
    sayEnd(context, parts, { folder, program });
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

interface DemoPlace {
  readonly folder: string;
  /** What is typed for this program. */
  readonly program: string;
}

function headLines(
  context: CommandContext,
  { folder, demo }: { readonly folder: string; readonly demo: PreparedDemo },
): readonly string[] {
  const { prepared, unconfined } = demo;
  const { talkStyle: style } = context.output;
  const models = [...new Set(Object.values(prepared.config.routes))].join(', ');
  const warning = `${style.paint('yellow', 'warning')}: ${unconfined?.message ?? ''}`;
  return [
    `${style.paint('bold', 'demo')}: a bill that loses cents. Two agents mend it in two ways; tests decide.`,
    '      Only the words of the models are scripted: tools, trees, tests and the record are real.',
    `      models ${models} · sandbox ${prepared.config.sandbox} · ${nearHome(context, folder)}`,
    ...(unconfined === undefined
      ? []
      : [`${warning}; its tests run as you (all that they run is the demo’s own)`]),
  ].map((line) => style.text(line));
}

function nearHome({ host }: CommandContext, folder: string): string {
  const home = host.env['HOME'] ?? homedir();
  const below = relative(home, folder);
  return below.startsWith('..') ? folder : `~/${below}`;
}

function sayEnd(context: CommandContext, parts: EndParts, place: DemoPlace): void {
  const { output } = context;
  const value = outputOf(parts.store, parts.view);
  const findings = demoFindings(parts.view, parts.store, value);
  const next = nextOf(context, place, findings);
  if (output.isJson) {
    output.json(demoJson(parts, { folder: place.folder, next }));
    return;
  }
  const { style, columns: width } = output;
  for (const line of demoLines(parts, { style, width, findings })) output.data(line);
  output.data('');
  output.data(
    '  Nothing of yours has changed, and nothing of the demo’s repository yet. Go on in it:',
  );
  output.data('');
  output.data(`    cd ${shellWordNearHome(context, place.folder)}`);
  const widest = Math.max(...next.map(({ line }) => line.length));
  for (const { what, line } of next) {
    output.data(`    ${line.padEnd(widest)}   ${style.paint('dim', style.text(what))}`);
  }
}

/** A tilde stays outside of quotes. */
function shellWordNearHome(context: CommandContext, folder: string): string {
  const near = nearHome(context, folder);
  return near.startsWith('~/') ? `~/${shellWord(near.slice(2))}` : shellWord(near);
}

function programOf({ host }: CommandContext): string {
  return programWords({
    entry: process.argv[1] ?? '',
    node: process.execPath,
    cwd: host.cwd,
    path: host.env['PATH'] ?? '',
  });
}

/** Commands that are there, to be typed in the folder of the demo. */
function nextOf(
  { flags, known }: CommandContext,
  { program }: DemoPlace,
  { winner, candidates }: DemoFindings,
): readonly DemoNext[] {
  const state =
    flags.stateDir === undefined ? '' : ` --state-dir ${shellWord(resolve(flags.stateDir))}`;
  const word = (program === OWN_PROGRAM ? OWN_PROGRAM : `./${OWN_PROGRAM}`) + state;
  const taken =
    winner === undefined
      ? []
      : ([
          ['the patch of the winner', 'diff'],
          ['put it on the tree; then: npm test', 'apply'],
        ] as const);
  const loser = candidates.find(({ name }) => name !== winner)?.name ?? 'a';
  const all = [
    ...taken,
    ['what an agent did, call by call', `show @last/fixes/${loser}/${loser}-agent`],
    ['decide again from the record: no call, no process', 'replay'],
  ] as const;
  return all
    .filter(([, command]) => known.has(command.split(' ')[0] ?? ''))
    .map(([what, words]) => ({ what, line: `${word} ${words}` }));
}
