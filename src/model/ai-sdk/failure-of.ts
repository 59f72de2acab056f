/** What went wrong with a call, in our words, and whether it may be sent again. */
import { APICallError } from '@ai-sdk/provider';
import { printable } from '../../base/printable.ts';
import type { ModelEvent } from '../model-provider.ts';
import { ProtocolError } from './guarded-fetch.ts';

export type Failed = Extract<ModelEvent, { readonly type: 'failed' }>;

const MAX_QUOTE = 2048;
const REQUEST_TIMEOUT = 408;
const CONFLICT = 409;
const TOO_EARLY = 425;
const TOO_MANY = 429;
const UNAVAILABLE = 503;
const OVERLOADED = 529;
const FIRST_SERVER_ERROR = 500;
/** Refused whatever is sent: the key, the payment, the right. */
const FORBIDDEN = 403;
const REFUSED: ReadonlySet<number> = new Set([401, 402, FORBIDDEN]);
/** It wants fewer calls. */
const BUSY: ReadonlySet<number> = new Set([TOO_MANY, UNAVAILABLE, OVERLOADED]);
const RETRYABLE: ReadonlySet<number> = new Set([REQUEST_TIMEOUT, CONFLICT, TOO_EARLY, TOO_MANY]);

/** `secret`: never to be shown, whatever the provider quotes. `now`: wall time, for dates in headers. */
export function failureOf(
  thrown: unknown,
  provider: string,
  { secret, now }: { readonly secret: string | undefined; readonly now: number },
): Failed {
  const clean = (text: string): string => quote(withoutSecret(text, secret));
  const cause = causeOf(thrown);
  if (cause instanceof ProtocolError) {
    return failed(`${provider} broke the protocol: ${clean(cause.message)}`, true);
  }
  if (
    APICallError.isInstance(thrown) &&
    thrown.statusCode !== undefined &&
    thrown.statusCode >= 300
  ) {
    const { statusCode: status, responseBody: body = '', responseHeaders = {} } = thrown;
    const retryAfter = responseHeaders['retry-after'];
    return failureOfStatus({ provider, status, body, retryAfter }, { secret, now });
  }
  const code = (cause as { readonly code?: unknown }).code;
  const words = typeof code === 'string' ? `${cause.message} (${code})` : cause.message;
  const broken = failed(`${provider} could not be reached or broke off: ${clean(words)}`, true);
  return typeof code === 'string' ? { ...broken, cause: { code } } : broken;
}

const OF_THE_ACCOUNT =
  /\b(?:api|key|token|auth\w*|permission\w*|account|billing|region|country)\b/i;
const OF_THE_REQUEST = /moderation|flagged|content.?policy/i;

/** 403 is said of what was asked, too: that is not for a key to mend. */
function isOfCredentials(statusCode: number, body: string): boolean {
  if (!REFUSED.has(statusCode)) return false;
  if (statusCode !== FORBIDDEN) return true;
  return OF_THE_ACCOUNT.test(body.replaceAll('_', ' ')) && !OF_THE_REQUEST.test(body);
}

export interface RefusedCall {
  readonly provider: string;
  readonly status: number;
  readonly body: string;
  /** The header. */
  readonly retryAfter: string | undefined;
}

/** What an answer with a status that is no success means. */
export function failureOfStatus(
  { provider, status, body, retryAfter }: RefusedCall,
  { secret, now }: { readonly secret: string | undefined; readonly now: number },
): Failed {
  const said = quote(withoutSecret(wordsOf(body), secret)) || 'nothing';
  const wait = retryAfterMs(retryAfter, now);
  return {
    type: 'failed',
    kind: REFUSED.has(status) ? 'refused' : 'provider',
    message: `${provider} answered ${status}: ${said}`,
    retryable: RETRYABLE.has(status) || status >= FIRST_SERVER_ERROR,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(BUSY.has(status) ? { isBusy: true } : {}),
    ...(isOfCredentials(status, body) ? { isCredentials: true } : {}),
    cause: { status },
  };
}

function failed(message: string, retryable: boolean): Failed {
  return { type: 'failed', kind: 'provider', message, retryable };
}

/** What a body says to people, where it is JSON as providers write it; else all of it. */
function wordsOf(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    const inner = (error as { readonly message?: unknown } | null | undefined)?.message;
    const words = [inner, error, message].find((one) => typeof one === 'string' && one !== '');
    return typeof words === 'string' ? words : body;
  } catch {
    return body;
  }
}

const MAX_CAUSES = 8;

/** The innermost error: `fetch failed` says nothing, its cause does. */
function causeOf(thrown: unknown): Error {
  let error = thrown instanceof Error ? thrown : new Error(String(thrown));
  for (let depth = 0; depth < MAX_CAUSES && error.cause instanceof Error; depth += 1) {
    if (error instanceof ProtocolError) break;
    error = error.cause;
  }
  return error;
}

function quote(text: string): string {
  const shown = printable(text.trim());
  return shown.length > MAX_QUOTE ? `${shown.slice(0, MAX_QUOTE)}…` : shown;
}

function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '[key]');
}

/** Seconds or a date, as RFC 9110 has it; undefined for what is neither or lies in the past. */
function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : Number.NaN;
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined;
}
