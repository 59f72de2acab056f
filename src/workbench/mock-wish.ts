/** The one model that has no provider. */
import { WhaleFlowError } from '../base/errors.ts';

/** `--model mock`: the built-in mock answers for all roles. @throws {WhaleFlowError} WF2002 for others beside it. */
export function isMockWish(words: readonly string[]): boolean {
  if (!words.includes('mock')) return false;
  if (words.length === 1) return true;
  throw new WhaleFlowError('WF2002', '--model mock answers for all roles; others cannot be named', {
    hint: 'leave the other --model out, or --model mock',
  });
}
