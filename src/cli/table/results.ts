import type { CommandSpec } from '../command.ts';

/** What came of runs. */
export const resultCommands: readonly CommandSpec[] = [];
