/** OpenAI’s responses. */
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

export const openAiResponses: Dialect = {
  name: 'openai-responses',
  answers: (path) => path.endsWith('/responses'),
  read(body) {
    const input = body['input'];
    const items = typeof input === 'string' ? [{ role: 'user', content: input }] : objects(input);
    const format = (body['text'] as JsonObject | undefined)?.['format'] as JsonObject | undefined;
    const schema = format?.['schema'];
    const isSystem = ({ role }: JsonObject): boolean => role === 'system' || role === 'developer';
    return {
      model: text(body['model']),
      system: [
        text(body['instructions']),
        ...items.filter(isSystem).map(({ content }) => textOf(content)),
      ].join('\n'),
      messages: items.filter((item) => !isSystem(item)).map(toMessage),
      tools: objects(body['tools']).map(({ name }) => text(name)),
      isStream: body['stream'] === true,
      ...(schema === undefined ? {} : { schema }),
    };
  },
  frames(turn) {
    let sequence = 0;
    const event = (type: string, parts: JsonObject): string => {
      sequence += 1;
      return frame({ type, sequence_number: sequence, ...parts }, type);
    };
    const output = outputOf(turn);
    return [
      event('response.created', { response: response(turn, 'in_progress', []) }),
      ...output.flatMap((item, index) => itemEvents(event, turn, item, index)),
      event('response.completed', { response: response(turn, 'completed', output) }),
    ];
  },
  whole: (turn) => response(turn, 'completed', outputOf(turn)),
};

function toMessage(item: JsonObject): ScriptedMessage {
  if (item['type'] === 'function_call_output') {
    return { role: 'tool', text: textOf(item['output']) };
  }
  const isAssistant = item['role'] === 'assistant' || item['type'] === 'function_call';
  return { role: isAssistant ? 'assistant' : 'user', text: textOf(item['content']) };
}

function outputOf(turn: FullTurn): readonly JsonObject[] {
  const message = {
    id: `${turn.id}-m`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text: turn.text, annotations: [] }],
  };
  const calls = turn.toolCalls.map(({ id, name, input }) => ({
    id: `fc-${id}`,
    type: 'function_call',
    status: 'completed',
    call_id: id,
    name,
    arguments: argumentsText(input),
  }));
  return [...(turn.text === '' ? [] : [message]), ...calls];
}

type MakeEvent = (type: string, parts: JsonObject) => string;

function itemEvents(
  event: MakeEvent,
  turn: FullTurn,
  item: JsonObject,
  index: number,
): readonly string[] {
  const place = { item_id: item['id'] ?? '', output_index: index };
  const begun = item['type'] === 'function_call' ? { arguments: '' } : { content: [] };
  const added = event('response.output_item.added', {
    output_index: index,
    item: { ...item, ...begun, status: 'in_progress' },
  });
  const done = event('response.output_item.done', { output_index: index, item });
  if (item['type'] === 'function_call') {
    const whole = item['arguments'] ?? '';
    return [
      added,
      event('response.function_call_arguments.delta', { ...place, delta: whole }),
      event('response.function_call_arguments.done', { ...place, arguments: whole }),
      done,
    ];
  }
  const part = { ...place, content_index: 0 };
  return [
    added,
    ...pieces(turn.text).map((delta) => event('response.output_text.delta', { ...part, delta })),
    event('response.output_text.done', { ...part, text: turn.text }),
    done,
  ];
}

const CREATED = 1_700_000_000;

function response(turn: FullTurn, status: string, output: readonly JsonObject[]): JsonObject {
  return {
    id: turn.id,
    object: 'response',
    created_at: CREATED,
    status,
    model: turn.model,
    output,
    ...(status === 'completed' ? { usage: usageOf(turn.usage) } : {}),
  };
}

function usageOf(usage: ScriptedUsage): Json {
  const input = usage.uncached + usage.cacheRead + usage.cacheWrite;
  const output = usage.output + usage.reasoning;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}
