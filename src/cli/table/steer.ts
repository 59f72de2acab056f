import type { CommandSpec } from '../command.ts';
import { ceilingOptions, driveOptions } from './start.ts';

/** Words to a run. */
export const steerCommands: readonly CommandSpec[] = [
  {
    name: 'cancel',
    summary: 'end a run or one leaf; what is finished stays',
    group: 'steer',
    arguments: [{ name: 'RUN[/LEAF]', summary: 'a run that is not finished' }],
    fields: ['run', 'state', 'cancelled'],
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
    options: [...driveOptions, ...ceilingOptions],
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
      { name: 'FILE', summary: 'the changed workflow; as recorded where absent', optional: true },
    ],
    options: [
      { flags: '--at <NODE>', summary: 'run this node again, and what depends on it' },
      { flags: '--allow <GLOB>', summary: 'accept more commands', many: true },
      { flags: '-a, --arg <KEY=VALUE>', summary: 'a changed parameter', many: true },
      { flags: '--name <NAME>', summary: 'a name to find the run by', rare: true },
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
    options: driveOptions,
    examples: [
      ['whaleflow retry 7f3a/fix', 'this leaf, and what depends on it'],
      ['whaleflow retry @last/judge -d', 'in the background; prints the id of the fork'],
    ],
    load: () => import('../commands/retry.ts'),
  },
];
