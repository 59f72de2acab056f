import type { CommandSpec } from '../command.ts';

/** Config, help for authors, this machine. */
export const setUpCommands: readonly CommandSpec[] = [];
