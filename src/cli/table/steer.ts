import type { CommandSpec, OptionSpec } from '../command.ts';
import { approvalFields, endFields } from './json-fields.ts';
import {
  agentOption,
  allowEnvOption,
  ceilingOptions,
  driveOptions,
  sandboxOption,
} from './start.ts';

const answerOptions: readonly OptionSpec[] = [
  { flags: '--always', summary: 'the same question of the same file is answered so from now on' },
  { flags: '--reason <TEXT>', summary: 'goes into the trace, and to what asked' },
];

const question = {
  name: 'ID',
  summary: 'RUN/PATH as `approvals` prints it; RUN where it has one question',
} as const;

/** Words to a run. */
export const steerCommands: readonly CommandSpec[] = [
  {
    name: 'pause',
    summary: 'let what is in flight end, and begin nothing new',
    group: 'steer',
    arguments: [{ name: 'RUN', summary: 'a run that is not finished' }],
    fields: ['run', 'state', 'in_flight'],
    examples: [
      ['whaleflow pause 7f3a', 'running → pausing → paused; nothing in flight is lost'],
      ['whaleflow resume 7f3a', 'goes on, also from another terminal'],
    ],
    load: () => import('../commands/pause.ts'),
  },
  {
    name: 'cancel',
    summary: 'end a run or one leaf; what is finished stays',
    group: 'steer',
    arguments: [{ name: 'RUN[/LEAF]', summary: 'a run that is not finished' }],
    fields: ['run', 'path', 'state'],
    examples: [
      ['whaleflow cancel 7f3a', 'the run'],
      ['whaleflow cancel 7f3a/fix', 'one leaf of it'],
    ],
    load: () => import('../commands/cancel.ts'),
  },
  {
    name: 'resume',
    summary: 'go on with a stopped, paused or lost run; says first what it keeps',
    group: 'steer',
    arguments: [{ name: 'RUN', summary: 'a run that is not finished' }],
    options: [
      ...driveOptions,
      sandboxOption,
      { flags: '--allow <GLOB>', summary: 'accept more commands', many: true },
      ...ceilingOptions,
    ],
    fields: endFields,
    examples: [
      ['whaleflow resume 7f3a', 'kept, to run, cost; asks; goes on'],
      ['whaleflow resume 7f3a --max-usd 8 -y', 'raise the ceiling first'],
    ],
    load: () => import('../commands/resume.ts'),
  },
  {
    name: 'fork',
    summary: 'a new run; what nothing changed is answered from RUN',
    group: 'steer',
    arguments: [
      { name: 'RUN', summary: 'the run to take answers from' },
      {
        name: 'FILE',
        summary: 'the changed workflow, - for stdin; as recorded where absent',
        optional: true,
      },
    ],
    options: [
      { flags: '--at <NODE>', summary: 'run this node again, and what depends on it' },
      { flags: '--fresh', summary: 'run all of it again: nothing is answered from RUN' },
      { flags: '--allow <GLOB>', summary: 'accept more commands', many: true },
      allowEnvOption,
      { flags: '-a, --arg <KEY=VALUE>', summary: 'a changed parameter', many: true },
      { flags: '--model <[ROLE=]MODEL>', summary: 'other models than it had', many: true },
      agentOption,
      { flags: '--name <NAME>', summary: 'a name to find the run by', rare: true },
      sandboxOption,
      ...driveOptions,
      { flags: '--dry-run', summary: 'print what is reused and what would run', rare: true },
    ],
    examples: [
      ['whaleflow fork 7f3a fix.star', 'after an edit: only the changed cone runs again'],
      ['whaleflow fork 7f3a --at judge', 'judge again with all that follows'],
    ],
    load: () => import('../commands/fork.ts'),
  },
  {
    name: 'retry',
    summary: 'run a leaf again: in place while it runs, as a fork when it has ended',
    group: 'steer',
    arguments: [{ name: 'RUN/LEAF', summary: 'the leaf' }],
    options: [allowEnvOption, ...driveOptions],
    examples: [
      ['whaleflow retry 7f3a/fix', 'this leaf, and what depends on it'],
      ['whaleflow retry @last/judge -d', 'in the background; prints the id of the fork'],
    ],
    load: () => import('../commands/retry.ts'),
  },
  {
    name: 'skip',
    summary: 'do without a leaf; what needs it is skipped too',
    group: 'steer',
    arguments: [{ name: 'RUN/LEAF', summary: 'a leaf or node that is at work or waits' }],
    fields: ['run', 'path', 'heard'],
    examples: [
      ['whaleflow skip 7f3a/lint', 'the run goes on without it'],
      ['whaleflow skip @last/approve', 'go on without an answer'],
    ],
    load: () => import('../commands/skip.ts'),
  },
  {
    name: 'approvals',
    summary: 'questions that wait for a person',
    group: 'steer',
    arguments: [{ name: 'WHAT', summary: 'ls (default)', optional: true }],
    fields: ['approvals'],
    rows: { lists: ['approvals'], fields: approvalFields },
    examples: [
      ['whaleflow approvals', 'in all runs, the newest first'],
      ['whaleflow approvals --json', 'for programs'],
    ],
    load: () => import('../commands/approvals.ts'),
  },
  {
    name: 'approve',
    summary: 'say yes; a run that only waited for it starts again',
    group: 'steer',
    arguments: [question],
    options: answerOptions,
    fields: ['run', 'path', 'approved', 'always', 'heard'],
    examples: [
      ['whaleflow approve 7f3a', 'the only question of the run'],
      ['whaleflow approve 7f3a/ship --reason "looks right"', 'one of several, with a reason'],
    ],
    load: () => import('../commands/approve.ts'),
  },
  {
    name: 'deny',
    summary: 'say no; what asked fails with `refused`',
    group: 'steer',
    arguments: [question],
    options: answerOptions,
    fields: ['run', 'path', 'approved', 'always', 'heard'],
    examples: [
      ['whaleflow deny 7f3a --reason "not on Friday"', 'the only question of the run'],
      ['whaleflow deny 7f3a/ship --always', 'and whenever this file asks it again'],
    ],
    load: () => import('../commands/deny.ts'),
  },
  {
    name: 'budget',
    summary: 'set other ceilings for a run that is not finished',
    group: 'steer',
    arguments: [{ name: 'RUN', summary: 'a run that is not finished' }],
    options: ceilingOptions,
    fields: ['run', 'budget', 'heard'],
    examples: [
      ['whaleflow budget 7f3a --max-usd 8', 'while it runs, or before it goes on'],
      ['whaleflow budget 7f3a --max-leaves 5', 'lower works too: it stops when they are used up'],
    ],
    load: () => import('../commands/budget.ts'),
  },
];
