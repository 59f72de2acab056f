import type { Failure } from '../../../../trace/outcome.ts';

/** What an agent is told of a call that failed: in a way in which it does not try for ever. */
export function refusalOf({ kind, message }: Failure): {
  readonly status: number;
  readonly message: string;
} {
  switch (kind) {
    case 'budget':
      return { status: 402, message };
    case 'refused':
      return { status: 403, message };
    default:
      // The call chain has tried again already.
      return { status: 400, message };
  }
}
