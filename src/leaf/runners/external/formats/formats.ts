/**
 * How programs say what they did, line by line: one small reader a format. A reader tells what it
 * understands and passes over everything else; what it is not told it does not make up.
 */
import type { AgentFormat } from '../external-agent.ts';
import { readClaude } from './claude.ts';
import { readCodex } from './codex.ts';
import { readGemini } from './gemini.ts';
import { readOpenCode } from './opencode.ts';
import { readOwn } from './own.ts';
import type { ReadLine } from './report.ts';

/** `text`: all of the output is what it says. */
export const formats: Readonly<Record<AgentFormat, ReadLine | undefined>> = {
  text: undefined,
  jsonl: readOwn,
  claude: readClaude,
  codex: readCodex,
  gemini: readGemini,
  opencode: readOpenCode,
};
