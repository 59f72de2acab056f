import { z } from 'zod';

/** How a model says that it is done; what it claims is kept apart from what was verified. */
export interface SelfReport {
  readonly status: 'succeeded' | 'failed';
  readonly summary: string;
  /** Paths of files that matter. */
  readonly artifacts: readonly string[];
  readonly assumptions: readonly string[];
  readonly evidence: readonly string[];
}

export const finishInput: z.ZodType<SelfReport> = z.strictObject({
  status: z.enum(['succeeded', 'failed']),
  summary: z.string().min(1).describe('What was done and what came of it.'),
  artifacts: z.array(z.string()).default([]).describe('Paths of files that matter.'),
  assumptions: z.array(z.string()).default([]),
  evidence: z
    .array(z.string())
    .default([])
    .describe('What proves it: commands and what they said.'),
});

export const FINISH = 'finish';
export const FINISH_DESCRIPTION =
  'Ends your work with a report. Call it alone, when nothing is left to do or you cannot go on.';
