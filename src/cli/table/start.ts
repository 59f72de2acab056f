import type { CommandSpec, OptionSpec } from '../command.ts';

/** Of everything that starts or goes on with a driver. */
export const driveOptions: readonly OptionSpec[] = [
  { flags: '-d, --detach', summary: 'only start; prints the run id' },
  { flags: '--foreground', summary: 'drive in this process; the run ends with it', rare: true },
];

/** Ceilings: they only lower what the workflow says. */
export const ceilingOptions: readonly OptionSpec[] = [
  { flags: '--max-usd <AMOUNT>', summary: 'stop before more than this is spent' },
  { flags: '--max-tokens <COUNT>', summary: 'stop before more tokens: 500k, 2M', rare: true },
  { flags: '--max-time <DURATION>', summary: 'stop after 90s, 30m, 2h', rare: true },
  { flags: '--max-leaves <COUNT>', summary: 'stop before more leaf attempts', rare: true },
];

const runOptions: readonly OptionSpec[] = [
  { flags: '-a, --arg <KEY=VALUE>', summary: 'a parameter; JSON or text', many: true },
  { flags: '--args <FILE>', summary: 'parameters from a JSON file, - for stdin', rare: true },
  ...driveOptions,
  { flags: '--allow <GLOB>', summary: 'accept commands: `npm test`, `npm *`', many: true },
  ...ceilingOptions,
  { flags: '-j, --jobs <COUNT>', summary: 'leaves at work at most' },
  { flags: '--name <NAME>', summary: 'a name to find the run by', rare: true },
  { flags: '--seed <NUMBER>', summary: 'recorded; 0 where absent', rare: true },
  {
    flags: '--base <REF>',
    summary: 'start from this commit, without uncommitted work',
    rare: true,
  },
  { flags: '--mock[=FIXTURE]', summary: 'no model, no command: answers of a fixture or made up' },
  { flags: '--model <MODEL>', summary: 'who answers for models; `mock` is built in', rare: true },
  { flags: '--dry-run', summary: 'print the plan and stop' },
];

/** What begins runs. */
export const startCommands: readonly CommandSpec[] = [
  {
    name: 'run',
    summary: 'start a workflow in the background and attach to it',
    group: 'start',
    details: [
      'The run is driven by a process of its own: closing the terminal does not end it. Commands of\n' +
        'a workflow run without a sandbox here, so each has to be accepted with --allow, or at the\n' +
        'question. --yes accepts the plan, never commands.',
    ],
    arguments: [{ name: 'WORKFLOW', summary: 'a .star, .yaml or .json file, or a saved name' }],
    options: runOptions,
    examples: [
      ['whaleflow run fix.star', 'show the plan, ask, start, attach'],
      ['whaleflow run fix.star -y --allow "npm test" -d', 'start without a question; print the id'],
      ['whaleflow run fix.star --mock', 'try the shape of it: no model, no command, no cost'],
      ['whaleflow run fix.star -a issue=42 --max-usd 1', 'with a parameter and a ceiling'],
    ],
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'drive',
    summary: 'drive a run in this process (what `run` starts in the background)',
    group: 'hidden',
    arguments: [{ name: 'RUN', summary: 'a run that nobody drives' }],
    options: [{ flags: '--facts <JSON>', summary: 'facts to begin with' }],
    examples: [],
    load: () => import('../commands/drive.ts'),
  },
];
