import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';

export async function run(): Promise<ExitStatus> {
  throw new WhaleFlowError('WF9001', 'logs is not written yet');
}
