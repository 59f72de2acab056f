import type { CommandSpec, OptionSpec } from '../command.ts';
import { endFields } from './json-fields.ts';

/** Of everything that starts or goes on with a driver. */
export const driveOptions: readonly OptionSpec[] = [
  { flags: '-d, --detach', summary: 'only start; prints the run id' },
  { flags: '--foreground', summary: 'drive in this process; the run ends with it', rare: true },
];

/** Of everything that starts commands. */
export const sandboxOption: OptionSpec = {
  flags: '--sandbox <MODE>',
  summary: '`off` runs commands as you; `strict`, the default, confines them',
};

/** Ceilings: they only lower what the workflow says. */
export const ceilingOptions: readonly OptionSpec[] = [
  { flags: '--max-usd <AMOUNT>', summary: 'stop before more than this is spent' },
  { flags: '--max-tokens <COUNT>', summary: 'stop before more tokens: 500k, 2M', rare: true },
  { flags: '--max-time <DURATION>', summary: 'stop after 90s, 30m, 2h', rare: true },
  { flags: '--max-leaves <COUNT>', summary: 'stop before more leaf attempts', rare: true },
  {
    flags: '--max-steps <COUNT>',
    summary: 'stop before more calls of models and tools',
    rare: true,
  },
];

/** Of everything that starts leaves. */
export const allowEnvOption: OptionSpec = {
  flags: '--allow-env <NAME>',
  summary: 'give its commands a variable that looks like a secret',
  many: true,
  rare: true,
};

export const agentOption: OptionSpec = {
  flags: '--agent <NAME=AGENT>',
  summary: 'who answers to an agent’s name in the workflow: coder=claude',
  many: true,
  rare: true,
};

const modelOption: OptionSpec = {
  flags: '--model <[ROLE=]MODEL>',
  summary: 'who answers: openai:gpt-5, judge=ollama:qwen3:8b, mock',
  many: true,
};

const runOptions: readonly OptionSpec[] = [
  { flags: '-a, --arg <KEY=VALUE>', summary: 'a parameter; JSON or text', many: true },
  { flags: '--args <FILE>', summary: 'parameters from a JSON file, - for stdin', rare: true },
  ...driveOptions,
  { flags: '--allow <GLOB>', summary: 'accept commands: `npm test`, `npm *`', many: true },
  allowEnvOption,
  sandboxOption,
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
  modelOption,
  agentOption,
  {
    flags: '--allow-unknown-cost',
    summary: 'ask models whose price is not known, under a ceiling of money',
    rare: true,
  },
  { flags: '--dry-run', summary: 'print the plan and stop' },
];

const planFields: readonly string[] = [
  'workflow',
  'goal',
  'source',
  'max_leaves',
  'depth',
  'phases',
  'nodes',
  'budget',
  'permissions',
  'commands',
  'runs',
  'writers',
  'trees',
  'tokens',
  'params',
];

/** What begins runs. */
export const startCommands: readonly CommandSpec[] = [
  {
    name: 'demo',
    summary: 'see two agents mend a real bug, and tests decide: no key, no network, no cost',
    group: 'start',
    details: [
      'Makes a throw-away repository in the cache folder and runs its workflow as `run` would. Agents work\n' +
        'with real tools in real worktrees, tests are really run (in the strict sandbox where this machine\n' +
        'has one); only the words of the models are scripted. Its own commands are accepted by typing\n' +
        '`demo`. Nothing of yours is touched, and nothing of its repository before `apply`.',
    ],
    options: [
      {
        flags: '--again',
        summary: 'once more: what nothing has changed is answered from the record',
      },
      {
        flags: '--fail',
        summary: 'a stall, a 429, a lost branch, an empty budget: and it survives',
      },
      {
        flags: '--model <[ROLE=]MODEL>',
        summary: 'a real one for a role: implementer=openai:gpt-5',
        many: true,
      },
      { flags: '-a, --arg <KEY=VALUE>', summary: 'the approach of fix a or b', many: true },
      { flags: '--args <FILE>', summary: 'the same from a JSON file', rare: true },
      {
        flags: '--allow <GLOB>',
        summary: 'accept commands for a real model',
        many: true,
        rare: true,
      },
      sandboxOption,
      ...ceilingOptions,
      ...driveOptions,
    ],
    examples: [
      ['whaleflow demo', 'a few seconds'],
      ['whaleflow demo --model implementer=openai:gpt-5', 'a real model mends the bug'],
      ['whaleflow demo --again', 'the same from its record: no model call, no process'],
    ],
    fields: [
      ...endFields,
      'folder',
      'winner',
      'candidates',
      'kept',
      'mishaps',
      'from_record',
      'next',
    ],
    load: () => import('../commands/demo.ts'),
  },
  {
    name: 'init',
    summary: 'set up this repository: settings, a first workflow, who answers',
    group: 'start',
    details: [
      'Looks for keys (names of variables only), model servers on this machine, agents and test\n' +
        'commands, shows what it would write and asks once. What is there stays; a second time changes\n' +
        'nothing. Roles go into your own settings.',
    ],
    options: [{ flags: '--model <PROVIDER:MODEL>', summary: 'who answers all roles' }],
    fields: ['written', 'present', 'model', 'keys', 'servers', 'agents', 'checks'],
    examples: [
      ['whaleflow init', 'looks, asks, writes .whaleflow/'],
      ['whaleflow init -y --model ollama:qwen3:8b', 'without a question'],
    ],
    load: () => import('../commands/init.ts'),
  },
  {
    name: 'check',
    aliases: ['validate'],
    summary: 'compile workflows and print every problem; runs nothing',
    group: 'start',
    arguments: [
      { name: 'FILE', summary: 'workflow files, names of saved ones, - for stdin', rest: true },
    ],
    options: [{ flags: '--strict', summary: 'warnings are errors' }],
    fields: ['ok', 'errors', 'warnings', 'files'],
    examples: [
      ['whaleflow check fix.star', 'problems with their lines'],
      ['whaleflow check .whaleflow/workflows/*.star --strict', 'all of them, for CI'],
    ],
    load: () => import('../commands/check.ts'),
  },
  {
    name: 'plan',
    summary: 'outline, worst case of leaves and tokens, rights, commands; calls no model',
    group: 'start',
    arguments: [{ name: 'WORKFLOW', summary: 'a file, a saved name, or - for stdin' }],
    options: [{ flags: '--full', summary: 'every node of a long plan', rare: true }],
    formats: ['mermaid', 'dot'],
    fields: planFields,
    examples: [
      ['whaleflow plan fix.star', 'what it may do at worst'],
      ['whaleflow plan fix.star --format mermaid', 'a picture for a page'],
    ],
    load: () => import('../commands/plan.ts'),
  },
  {
    name: 'run',
    summary: 'start a workflow in the background and attach to it',
    group: 'start',
    details: [
      'The run is driven by a process of its own: closing the terminal does not end it. Its commands run\n' +
        'in a sandbox. With --sandbox off they have your rights, so each has to be accepted with --allow,\n' +
        'or at the question; --yes accepts the plan, never commands. A variable that looks like a secret\n' +
        '(API_KEY, DATABASE_URL, SSH_AUTH_SOCK, an address with a password in it) is given to them only by --allow-env or at\n' +
        'the question.',
    ],
    arguments: [{ name: 'WORKFLOW', summary: 'a file, a saved name, or - for stdin' }],
    options: runOptions,
    fields: [...endFields, ...planFields, 'unaccepted', 'secrets', 'unaccepted_secrets'],
    examples: [
      ['whaleflow run fix.star', 'show the plan, ask, start, attach'],
      ['whaleflow run fix.star -y -d', 'start without a question; print the id'],
      ['whaleflow run fix.star --sandbox off --allow "npm test"', 'one command, with your rights'],
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
    options: [{ flags: '--order <JSON>', summary: 'what is not as recorded' }],
    examples: [],
    load: () => import('../commands/drive.ts'),
  },
];
