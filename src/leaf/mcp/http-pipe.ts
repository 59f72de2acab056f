/**
 * The way to a server that is an address: no redirect (it would carry the key elsewhere), no body without
 * end, and nothing of the key in what is said about it.
 */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { McpReach } from '../mcp-server.ts';

/** Bytes of one answer, unpacked. */
const MAX_RESPONSE_BYTES: number = 16 * 2 ** 20;
const RECONNECTION = {
  maxReconnectionDelay: 2_000,
  initialReconnectionDelay: 200,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 2,
} as const;

export function httpPipe({
  url,
  key,
}: Extract<McpReach, { readonly type: 'http' }>): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(url), {
    fetch: boundedFetch,
    requestInit: {
      redirect: 'error',
      ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
    },
    reconnectionOptions: RECONNECTION,
  });
}

async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(bounded()), { status, statusText, headers });
}

function bounded(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen <= MAX_RESPONSE_BYTES) controller.enqueue(chunk);
      else controller.error(new Error(`its answer is longer than ${MAX_RESPONSE_BYTES} bytes`));
    },
  });
}
