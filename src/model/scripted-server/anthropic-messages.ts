/** Anthropic’s messages. */
import type { Json, JsonObject } from '../../base/json.ts';
import {
  argumentsText,
  type Dialect,
  type FullTurn,
  frame,
  objects,
  pieces,
  type ScriptedMessage,
  type ScriptedUsage,
  text,
  textOf,
} from './dialect.ts';

export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  answers: (path) => path.endsWith('/messages'),
  read(body) {
    const format = (body['output_format'] ??
      (body['output_config'] as JsonObject | undefined)?.['format']) as JsonObject | undefined;
    const schema = format?.['schema'];
    return {
      model: text(body['model']),
      system: textOf(body['system']),
      messages: objects(body['messages']).map(toMessage),
      tools: objects(body['tools']).map(({ name }) => text(name)),
      isStream: body['stream'] === true,
      ...(schema === undefined ? {} : { schema }),
    };
  },
  frames(turn) {
    const event = (data: JsonObject): string => frame(data, text(data['type']));
    return [
      event({ type: 'message_start', message: { ...message(turn), content: [] } }),
      ...contentOf(turn).flatMap((block, index) => blockEvents(event, turn, block, index)),
      event({
        type: 'message_delta',
        delta: { stop_reason: stopOf(turn), stop_sequence: null },
        usage: { output_tokens: turn.usage.output + turn.usage.reasoning },
      }),
      event({ type: 'message_stop' }),
    ];
  },
  whole: (turn) => ({ ...message(turn), stop_reason: stopOf(turn) }),
};

function toMessage({ role, content }: JsonObject): ScriptedMessage {
  const hasResult = objects(content).some(({ type }) => type === 'tool_result');
  if (hasResult) return { role: 'tool', text: textOf(content) };
  return { role: role === 'assistant' ? 'assistant' : 'user', text: textOf(content) };
}

function contentOf(turn: FullTurn): readonly JsonObject[] {
  const calls = turn.toolCalls.map(({ id, name, input }) => ({
    type: 'tool_use',
    id,
    name,
    input,
  }));
  return [...(turn.text === '' ? [] : [{ type: 'text', text: turn.text }]), ...calls];
}

function blockEvents(
  event: (data: JsonObject) => string,
  turn: FullTurn,
  block: JsonObject,
  index: number,
): readonly string[] {
  const delta = (parts: JsonObject): string =>
    event({ type: 'content_block_delta', index, delta: parts });
  const isText = block['type'] === 'text';
  const empty = isText ? { type: 'text', text: '' } : { ...block, input: {} };
  const deltas = isText
    ? pieces(turn.text).map((piece) => delta({ type: 'text_delta', text: piece }))
    : [delta({ type: 'input_json_delta', partial_json: argumentsText(block['input'] ?? {}) })];
  return [
    event({ type: 'content_block_start', index, content_block: empty }),
    ...deltas,
    event({ type: 'content_block_stop', index }),
  ];
}

const stopOf = ({ toolCalls }: FullTurn): string =>
  toolCalls.length === 0 ? 'end_turn' : 'tool_use';

function message(turn: FullTurn): JsonObject {
  return {
    id: turn.id,
    type: 'message',
    role: 'assistant',
    model: turn.model,
    content: contentOf(turn),
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf(turn.usage),
  };
}

/** Input counts only what no cache had. */
function usageOf(usage: ScriptedUsage): Json {
  return {
    input_tokens: usage.uncached,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite,
    output_tokens: usage.output + usage.reasoning,
  };
}
