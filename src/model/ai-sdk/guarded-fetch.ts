/**
 * The way to a provider. What plain `fetch` takes for success and is none (another content type, a
 * redirect that would carry the key elsewhere, a body without end) ends here as an error.
 */
import type { JsonObject } from '../../base/json.ts';
import { mendingUsage } from './mend-usage.ts';
import { eventsOfWhole } from './whole-answer.ts';

/** Bytes of an answer, unpacked. */
const MAX_RESPONSE_BYTES: number = 32 * 2 ** 20;

const MAX_QUOTE = 500;

const MODEL_TYPES = /^(?:text\/event-stream|application\/json|application\/problem\+json)\b/;

/** The provider’s answer is none that a model gives. Not to be sent again by itself. */
export class ProtocolError extends Error {}

/** One request and its whole answer, as they stood on the wire. */
export interface WireExchange {
  readonly request: JsonObject;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface FetchParts {
  /** Bytes of an answer, unpacked; 32 MiB where absent. */
  readonly maxBytes?: number | undefined;
  /** Hears each exchange whose answer has come to its end. */
  readonly onExchange?: ((exchange: WireExchange) => void) | undefined;
}

/** As a model answers, byte for byte. */
export function rawFetch({
  maxBytes = MAX_RESPONSE_BYTES,
  onExchange,
}: FetchParts = {}): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && !MODEL_TYPES.test(type)) {
      await response.body?.cancel();
      throw new ProtocolError(`it answered with ${type || 'no content type'}, which no model does`);
    }
    if (response.body === null) return response;
    const body = response.body.pipeThrough(capped(maxBytes));
    if (onExchange === undefined) return answerOf(response, body);
    const request = JSON.parse(String(init?.body ?? '{}')) as JsonObject;
    const { status } = response;
    const tell = (text: string): void => onExchange({ request, status, type, text });
    return answerOf(response, body.pipeThrough(heard(tell)));
  };
}

/** Passes everything, and tells at the end what it was. */
function heard(
  tell: (text: string) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder();
  let text = '';
  return new TransformStream({
    transform(chunk, controller) {
      text += decoder.decode(chunk, { stream: true });
      controller.enqueue(chunk);
    },
    flush() {
      tell(text + decoder.decode());
    },
  });
}

/** As the adapters of dialects can read it: always a stream, its figures mended. */
export function guardedFetch(parts: FetchParts = {}): typeof fetch {
  const send = rawFetch(parts);
  return async (input, init) => {
    const response = await send(input, init);
    const { body } = response;
    if (body === null || !response.ok) return response;
    const type = response.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    if (isStream) return answerOf(response, body.pipeThrough(mendingUsage()));
    const whole = await response.text();
    const events = eventsOfWhole(whole);
    if (events === undefined) {
      throw new ProtocolError(
        `it answered with JSON that is no answer: ${whole.slice(0, MAX_QUOTE)}`,
      );
    }
    const stream = new Blob([events]).stream().pipeThrough(mendingUsage());
    return answerOf(response, stream, { 'content-type': 'text/event-stream' });
  };
}

function answerOf(
  { status, statusText, headers }: Response,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  changed: Readonly<Record<string, string>> = {},
): Response {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(changed)) all.set(name, value);
  return new Response(body, { status, statusText, headers: all });
}

function capped(
  maxBytes: number,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > maxBytes) {
        controller.error(new ProtocolError(`its answer is longer than ${maxBytes} bytes`));
      } else {
        controller.enqueue(chunk);
      }
    },
  });
}
