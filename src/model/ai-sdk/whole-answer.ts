/**
 * Some servers answer a request for a stream with one whole JSON document. It is turned into the events
 * that a stream would have had, so that there is one way on.
 */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** The events as text of a stream; undefined where the document is no answer of a model. */
export function eventsOfWhole(text: string): string | undefined {
  const body = parsed(text);
  if (body === undefined) return undefined;
  if (body['object'] === 'chat.completion') return chatEvents(body);
  if (body['type'] === 'message') return messageEvents(body);
  return undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const body = JSON.parse(text) as Json;
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

function chatEvents({ choices, usage, ...head }: JsonObject): string {
  const chunk = (parts: JsonObject): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...parts })}\n\n`;
  const events = objects(choices).map(({ index = 0, message, finish_reason: finish = null }) => {
    const said = isJsonObject(message) ? message : {};
    const calls = objects(said['tool_calls']).map((call, at) => ({ index: at, ...call }));
    const delta = { ...said, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    return chunk({ choices: [{ index, delta, finish_reason: finish }] });
  });
  const last = usage === undefined ? [] : [chunk({ choices: [], usage })];
  return [...events, ...last, 'data: [DONE]\n\n'].join('');
}

function messageEvents({ content, stop_reason: reason = null, ...head }: JsonObject): string {
  const event = (data: JsonObject): string => `data: ${JSON.stringify(data)}\n\n`;
  const usage = isJsonObject(head['usage']) ? head['usage'] : {};
  const blocks = objects(content).flatMap((block, index) => [
    event({ type: 'content_block_start', index, content_block: emptied(block) }),
    ...deltasOf(block).map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ]);
  return [
    event({ type: 'message_start', message: { ...head, content: [], stop_reason: null } }),
    ...blocks,
    event({
      type: 'message_delta',
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: usage['output_tokens'] ?? null },
    }),
    event({ type: 'message_stop' }),
  ].join('');
}

/** A block as it begins in a stream: what is in it comes after. */
function emptied(block: JsonObject): JsonObject {
  switch (block['type']) {
    case 'text':
      return { ...block, text: '' };
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'tool_use':
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltasOf(block: JsonObject): readonly JsonObject[] {
  switch (block['type']) {
    case 'text':
      return [{ type: 'text_delta', text: block['text'] ?? '' }];
    case 'thinking':
      return [
        { type: 'thinking_delta', thinking: block['thinking'] ?? '' },
        { type: 'signature_delta', signature: block['signature'] ?? '' },
      ];
    case 'tool_use':
      return [{ type: 'input_json_delta', partial_json: JSON.stringify(block['input'] ?? {}) }];
    default:
      return [];
  }
}
