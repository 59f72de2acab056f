/**
 * The way to a provider. What plain `fetch` takes for success and is none (another content type, a
 * redirect that would carry the key elsewhere, a body without end) ends here as an error.
 */
import { mendingUsage } from './mend-usage.ts';

/** Bytes of an answer, unpacked. */
const MAX_RESPONSE_BYTES: number = 32 * 2 ** 20;

const MODEL_TYPES = /^(?:text\/event-stream|application\/json|application\/problem\+json)\b/;

/** The provider’s answer is none that a model gives. Not to be sent again by itself. */
export class ProtocolError extends Error {}

export function guardedFetch(maxBytes: number = MAX_RESPONSE_BYTES): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && !MODEL_TYPES.test(type)) {
      await response.body?.cancel();
      throw new ProtocolError(`it answered with ${type || 'no content type'}, which no model does`);
    }
    if (response.body === null) return response;
    const body = response.body.pipeThrough(capped(maxBytes));
    const isStream = response.ok && type.startsWith('text/event-stream');
    return new Response(isStream ? body.pipeThrough(mendingUsage()) : body, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
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
