import { digestText } from '../../workflow/digest.ts';

const STEP_HEX = 16;
const TRACE_HEX = 32;

/**
 * Id of a step: equal for equal addresses, so that an export can be made again. `nth` tells apart what
 * has one address: calls, tools, decisions.
 */
export function stepId(run: string, kind: string, address: string, nth = ''): string {
  return notZero(digestText(`${run}\n${kind}\n${address}\n${nth}`).slice(0, STEP_HEX));
}

/** Id of the whole run as a trace. */
export function traceId(run: string): string {
  return notZero(digestText(`whaleflow.trace\n${run}`).slice(0, TRACE_HEX));
}

/** All zeros means “no id” to OpenTelemetry. */
function notZero(hex: string): string {
  return /[^0]/.test(hex) ? hex : hex.replace(/0$/, '1');
}
