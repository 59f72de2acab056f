/**
 * The one table of what can go wrong. A code never changes its meaning; ranges: 1xxx source, 2xxx usage
 * and config, 3xxx provider and agent, 4xxx budget, limits, permission, 5xxx replay and trace, 6xxx git
 * and apply, 7xxx store, 9xxx ours. `whaleflow explain CODE` prints a row.
 */
import { gitErrors } from './error-codes/git-errors.ts';
import { limitErrors } from './error-codes/limit-errors.ts';
import { ownErrors } from './error-codes/own-errors.ts';
import { providerErrors } from './error-codes/provider-errors.ts';
import { sourceErrors } from './error-codes/source-errors.ts';
import { storeErrors } from './error-codes/store-errors.ts';
import { traceErrors } from './error-codes/trace-errors.ts';
import { usageErrors } from './error-codes/usage-errors.ts';

export interface ErrorCodeRow {
  /** A few words, lower case. */
  readonly title: string;
  /** Why it happens and what to do, one or two sentences for `explain`. */
  readonly explain: string;
  readonly exit: ExitStatus;
  readonly http: 400 | 401 | 402 | 403 | 404 | 409 | 422 | 500 | 503;
}

/** Exit statuses of the command line (`whaleflow help exit-codes`). */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 124 | 130 | 143;

export type ErrorCode =
  | keyof typeof sourceErrors
  | keyof typeof usageErrors
  | keyof typeof providerErrors
  | keyof typeof limitErrors
  | keyof typeof traceErrors
  | keyof typeof gitErrors
  | keyof typeof storeErrors
  | keyof typeof ownErrors;

export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = {
  ...sourceErrors,
  ...usageErrors,
  ...providerErrors,
  ...limitErrors,
  ...traceErrors,
  ...gitErrors,
  ...storeErrors,
  ...ownErrors,
};
