/** The fixed pieces of the frequent events in their stored form, between what differs from one to the next. */
import { shortenPhrases } from './event-phrases.ts';

/** Stands for a string of 64 hex digits. */
export const LONG_MARK = '\u0001';
/** Stands for a string of 32 hex digits. */
export const SHORT_MARK = '\u0002';

export const ATTEMPT: string = shortenPhrases('","attempt":1,"');
export const ATTEMPT_ROUTE: string = shortenPhrases('","attempt":1,"route":{"provider":"');
export const ATTEMPT_CALL_DIGEST: string = shortenPhrases(
  '","attempt":1,"call":1,"try":1,"digest":',
);
export const ATTEMPT_CALL_REQUEST: string = shortenPhrases(
  '","attempt":1,"call":1,"try":1,"request":{"digest":',
);
export const ATTEMPT_RESULT: string = shortenPhrases(
  '","attempt":1,"result":{"status":"succeeded","output":{"digest":',
);
export const BYTES: string = shortenPhrases(',"bytes":');
export const MODEL: string = shortenPhrases('","model":"');
export const ROUTE: string = shortenPhrases(',"route":{"provider":"');
export const RESERVED: string = shortenPhrases('"},"reserved":{"costMicroUsd":');
export const TOKENS: string = shortenPhrases(',"tokens":');
export const JSON_ROUTE: string = shortenPhrases(',"type":"json"},"route":{"provider":"');
export const USAGE: string = shortenPhrases('"},"usage":{"tokens":{"uncached":');
export const OUTPUT_TOKENS: string = shortenPhrases(',"cacheRead":0,"cacheWrite":0,"output":');
export const COST: string = shortenPhrases(',"reasoning":0},"costMicroUsd":');
export const MEMO: string = shortenPhrases(',"costStatus":"exact"},"memo":"');
export const LATENCY: string = shortenPhrases('","latencyMs":');
export const RESPONSE: string = shortenPhrases(',"response":{"digest":');
export const JSON_END: string = shortenPhrases(',"type":"json"}');
export const TEXT_END: string = shortenPhrases(',"type":"text"}');
export const REQUESTED: string = shortenPhrases('{"type":"leaf.requested","path":"');
export const STARTED: string = shortenPhrases('{"type":"leaf.started","path":"');
export const MODEL_REQUESTED: string = shortenPhrases('{"type":"model.requested","path":"');
export const MODEL_CALLED: string = shortenPhrases('{"type":"model.called","path":"');
export const FINISHED: string = shortenPhrases('{"type":"leaf.finished","path":"');
