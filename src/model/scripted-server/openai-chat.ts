/** OpenAI’s chat completions, as many servers speak them. */
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

export const openAiChat: Dialect = {
  name: 'openai-chat',
  answers: (path) => path.endsWith('/chat/completions'),
  read(body) {
    const all = objects(body['messages']);
    const isSystem = (role: Json | undefined): boolean => role === 'system' || role === 'developer';
    const schema = schemaOf(body);
    return {
      model: text(body['model']),
      system: all
        .filter(({ role }) => isSystem(role))
        .map(({ content }) => textOf(content))
        .join('\n'),
      messages: all.filter(({ role }) => !isSystem(role)).map(toMessage),
      tools: objects(body['tools']).map((tool) =>
        text((tool['function'] as JsonObject | undefined)?.['name']),
      ),
      isStream: body['stream'] === true,
      ...(schema === undefined ? {} : { schema }),
    };
  },
  frames(turn) {
    const chunk = (delta: Json, finish: string | null): string =>
      frame({ ...head(turn, 'chat.completion.chunk'), choices: [choice({ delta }, finish)] });
    return [
      chunk({ role: 'assistant', content: '' }, null),
      ...pieces(turn.text).map((content) => chunk({ content }, null)),
      ...turn.toolCalls.map((call, index) => chunk({ tool_calls: [toolCall(call, index)] }, null)),
      chunk({}, finishOf(turn)),
      frame({ ...head(turn, 'chat.completion.chunk'), choices: [], usage: usageOf(turn.usage) }),
      'data: [DONE]\n\n',
    ];
  },
  whole(turn) {
    const message = {
      role: 'assistant',
      content: turn.text,
      ...(turn.toolCalls.length === 0 ? {} : { tool_calls: turn.toolCalls.map(toolCall) }),
    };
    return {
      ...head(turn, 'chat.completion'),
      choices: [choice({ message }, finishOf(turn))],
      usage: usageOf(turn.usage),
    };
  },
};

function toMessage({ role, content }: JsonObject): ScriptedMessage {
  const known = role === 'assistant' || role === 'tool' ? role : 'user';
  return { role: known, text: textOf(content) };
}

function schemaOf(body: JsonObject): Json | undefined {
  const format = body['response_format'] as JsonObject | undefined;
  return (format?.['json_schema'] as JsonObject | undefined)?.['schema'];
}

const CREATED = 1_700_000_000;

function head({ id, model }: FullTurn, object: string): JsonObject {
  return { id, object, created: CREATED, model };
}

function choice(parts: JsonObject, finish: string | null): Json {
  return { index: 0, ...parts, finish_reason: finish };
}

function toolCall({ id, name, input }: FullTurn['toolCalls'][number], index: number): Json {
  return { index, id, type: 'function', function: { name, arguments: argumentsText(input) } };
}

const finishOf = ({ toolCalls }: FullTurn): string =>
  toolCalls.length === 0 ? 'stop' : 'tool_calls';

/** Input counts all that was read, output all that was written. */
function usageOf(usage: ScriptedUsage): Json {
  const input = usage.uncached + usage.cacheRead + usage.cacheWrite;
  const output = usage.output + usage.reasoning;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
