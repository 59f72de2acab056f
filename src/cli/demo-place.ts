/** Where the demo lives, and what can be typed there. */
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { DemoFindings } from '../workbench/demo-findings.ts';
import { type DemoName, OWN_PROGRAM } from '../workbench/make-demo.ts';
import { openWorkbench, type Workbench } from '../workbench/workbench.ts';
import type { CommandContext } from './context.ts';
import { nameOnPath, shellWord } from './program-words.ts';

export interface DemoPlace {
  readonly name: DemoName;
  readonly folder: string;
  /** What starts it in the folder of the demo. */
  readonly here: string;
  /** The same from anywhere. */
  readonly program: string;
}

export interface DemoNext {
  readonly what: string;
  /** To be typed in the folder of the demo. */
  readonly line: string;
}

export function demoPlace(context: CommandContext, folder: string, name: DemoName): DemoPlace {
  const { host, flags } = context;
  const { stateDir } = flags;
  const state =
    stateDir === undefined ? '' : ` --state-dir ${shellWord(resolve(host.cwd, stateDir))}`;
  const word = isOnPath(context) ? OWN_PROGRAM : `./${OWN_PROGRAM}`;
  const path =
    word === OWN_PROGRAM ? `${word} -C ${shellWord(folder)}` : shellWord(join(folder, word));
  return { name, folder, program: `${path}${state}`, here: `${word}${state}` };
}

/** Words for a script in the folder; none where a path leads to the program. */
export function programOf(context: CommandContext): readonly string[] {
  return isOnPath(context) ? [] : [process.execPath, resolve(process.argv[1] ?? '')];
}

function isOnPath({ host }: CommandContext): boolean {
  return nameOnPath({ entry: process.argv[1] ?? '', env: host.env }) === OWN_PROGRAM;
}

/** The workbench of the demo’s folder: its store is its own, unless a state folder is named. */
export function openDemo({ host, flags }: CommandContext, folder: string): Workbench {
  const { stateDir } = flags;
  return openWorkbench({
    cwd: folder,
    env: host.env,
    ...(stateDir === undefined ? {} : { stateDir: resolve(host.cwd, stateDir) }),
    ...(host.openStore === undefined ? {} : { openStore: host.openStore }),
  });
}

/** `~/…` below the home of the user; ready for a shell. */
export function nearHome({ host }: CommandContext, folder: string): string {
  const below = relative(host.env['HOME'] ?? homedir(), folder);
  const isBelow = below !== '' && !below.startsWith('..');
  // A tilde stays outside of quotes.
  return isBelow ? `~/${shellWord(below)}` : shellWord(folder);
}

/** Commands that are there: first what is done with the result. */
export function demoNext(
  { known }: CommandContext,
  { name, here }: DemoPlace,
  { winner, candidates, kept }: DemoFindings,
): readonly DemoNext[] {
  const tests = kept.slice(0, 1).map(({ from }) => {
    return ['takes the kept test over too', `apply '@last/${from}'`] as const;
  });
  const taken =
    winner === undefined
      ? []
      : ([
          ['the patch of the winner', 'diff'],
          ['takes it over; then: npm test', 'apply'],
          ...tests,
        ] as const);
  const shown = candidates.find((one) => one.name !== winner)?.name;
  // `--again` is of the one that goes well.
  const isAgain = name === 'demo' && winner !== undefined;
  const others = [
    ...(isAgain ? ([['all of it from the record', 'demo --again']] as const) : []),
    name === 'demo'
      ? (['how it survives what goes wrong', 'demo --fail'] as const)
      : (['a run where nothing goes wrong', 'demo'] as const),
  ] as const;
  const all = [
    ...taken,
    shown === undefined
      ? (['where it failed', 'show @last'] as const)
      : (['what an agent did, call by call', `show @last/fixes/${shown}/${shown}-agent`] as const),
    ['decided again, by its record', 'replay'],
    ...others,
  ] as const;
  return all
    .filter(([, command]) => known.has(command.split(' ')[0] ?? ''))
    .map(([what, words]) => ({ what, line: `${here} ${words}` }));
}
