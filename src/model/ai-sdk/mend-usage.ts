/**
 * The adapters take an answer whose usage is missing or no number for no answer at all. It is one, that
 * was paid for: here such figures become -1 on their way in, which nobody can have used, so that the call
 * is estimated. What a provider says in words of its own is put into those that the adapters know.
 */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

const UNKNOWN = -1;
/** Events that may carry usage, told without parsing the rest. */
const MAY_CARRY = /"usage"|"message_start"|"message_delta"/;

/** For streams of server-sent events; whatever is no JSON passes as it is. */
export function mendingUsage(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let rest = '';
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) {
        controller.enqueue(encoder.encode(lines.map((line) => `${mendLine(line)}\n`).join('')));
      }
    },
    flush(controller) {
      const last = rest + decoder.decode();
      if (last !== '') controller.enqueue(encoder.encode(mendLine(last)));
    },
  });
}

function mendLine(line: string): string {
  if (!line.startsWith('data:') || !MAY_CARRY.test(line)) return line;
  try {
    const event = JSON.parse(line.slice('data:'.length)) as Json;
    const mended = isJsonObject(event) ? mendEvent(event) : event;
    return mended === event ? line : `data: ${JSON.stringify(mended)}`;
  } catch {
    return line;
  }
}

/** The same event where its usage is fine. */
function mendEvent(event: JsonObject): JsonObject {
  const { type, message } = event;
  if (type === 'message_start' && isJsonObject(message)) {
    const usage = figures(message['usage'], ['input_tokens', 'output_tokens']);
    return usage === message['usage'] ? event : { ...event, message: { ...message, usage } };
  }
  // OpenAI’s dialect says nothing of usage in most events; Anthropic’s does so at the end.
  const needed = type === 'message_delta' ? ['output_tokens'] : undefined;
  if (needed === undefined && !isJsonObject(event['usage'])) return event;
  const usage = withCacheHits(figures(event['usage'], needed ?? []));
  return usage === event['usage'] ? event : { ...event, usage };
}

/** DeepSeek says in words of its own what its cache had; at a tenth of the price, it is worth knowing. */
function withCacheHits(usage: JsonObject): JsonObject {
  const hits = usage['prompt_cache_hit_tokens'];
  const details = usage['prompt_tokens_details'];
  const isTold = isJsonObject(details) && details['cached_tokens'] !== undefined;
  if (typeof hits !== 'number' || isTold) return usage;
  const known = isJsonObject(details) ? details : {};
  return { ...usage, prompt_tokens_details: { ...known, cached_tokens: hits } };
}

/** Usage with a number wherever one is meant; the same object where it had them all. */
function figures(usage: Json | undefined, needed: readonly string[]): JsonObject {
  const given = isJsonObject(usage) ? usage : {};
  let isSame = isJsonObject(usage);
  const entries = Object.entries(given).map(([name, value]): [string, Json] => {
    const mended = figure(name, value);
    isSame &&= mended === value;
    return [name, mended];
  });
  for (const name of needed) {
    if (typeof given[name] === 'number' || entries.some(([known]) => known === name)) continue;
    isSame = false;
    entries.push([name, UNKNOWN]);
  }
  return isSame && isJsonObject(usage) ? usage : (Object.fromEntries(entries) as JsonObject);
}

function figure(name: string, value: Json): Json {
  if (isJsonObject(value)) return figures(value, []);
  if (!name.endsWith('_tokens') || typeof value === 'number' || value === null) return value;
  return UNKNOWN;
}
