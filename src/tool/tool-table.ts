/** Every tool by its name; `finish` is the loop’s own. */
import type { Tool } from './tool.ts';
import { editFile } from './tools/edit-file.ts';
import { gitDiff } from './tools/git-diff.ts';
import { listFiles } from './tools/list-files.ts';
import { readFile } from './tools/read-file.ts';
import { runCommand } from './tools/run-command.ts';
import { searchFiles } from './tools/search-files.ts';
import { writeFile } from './tools/write-file.ts';

export const TOOLS: readonly Tool[] = [
  readFile,
  listFiles,
  searchFiles,
  editFile,
  writeFile,
  runCommand,
  gitDiff,
];
