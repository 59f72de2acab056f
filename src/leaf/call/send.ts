import { boundedCall } from '../../model/bounded-call.ts';
import type {
  ModelCallOrigin,
  ModelEnd,
  ModelRequest,
  ModelRoute,
} from '../../model/model-provider.ts';
import { countDoor } from '../../system/door-counts.ts';
import { messageOf } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import { checkEnd, type SetAside } from './check-end.ts';

export interface Sending {
  readonly route: ModelRoute;
  readonly request: ModelRequest;
  readonly origin: ModelCallOrigin;
  readonly reserved: SetAside;
}

/** Sends a request once and shows the text as it comes. A provider that breaks its promise is a failure. */
export async function send(
  { route, request, origin, reserved }: Sending,
  host: LeafHost,
  signal: AbortSignal,
): Promise<ModelEnd> {
  countDoor('providerCalls');
  try {
    const { provider, estimateCost } = route;
    for await (const event of boundedCall(provider, { request, origin, estimateCost }, signal)) {
      if (event?.type === 'text') host.live({ kind: 'text', text: String(event.text) });
      else if (event?.type !== 'hidden') return checkEnd(provider.name, event, reserved);
    }
    return broken(`${route.provider.name} ended without an answer`);
  } catch (thrown) {
    return broken(`${route.provider.name} broke off: ${messageOf(thrown)}`);
  }
}

function broken(message: string): ModelEnd {
  return { type: 'failed', kind: 'provider', message, retryable: false };
}
