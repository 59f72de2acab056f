/**
 * The command table. A row is a line of `table/GROUP.ts` and a file in `commands/`, which is loaded only
 * when the command runs: `--help` and `ls` load nothing heavy.
 */
import type { CommandSpec } from './command.ts';
import { resultCommands } from './table/results.ts';
import { setUpCommands } from './table/set-up.ts';
import { startCommands } from './table/start.ts';
import { steerCommands } from './table/steer.ts';
import { watchCommands } from './table/watch.ts';

export const commands: readonly CommandSpec[] = [
  ...startCommands,
  ...watchCommands,
  ...steerCommands,
  ...resultCommands,
  ...setUpCommands,
];
