/** Our request in the words of the SDK. */
import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { ModelMessage, ModelRequest, ModelTool } from '../model-provider.ts';

export interface AnswerForms {
  /** The model keeps to a schema by itself; without it the schema is put into the prompt. */
  readonly hasSchemaMode: boolean;
}

export function toCallOptions(
  request: ModelRequest,
  { hasSchemaMode }: AnswerForms,
  signal: AbortSignal,
): LanguageModelV4CallOptions {
  const { output, temperature, maxOutputTokens, tools } = request;
  return {
    prompt: toPrompt(request, hasSchemaMode),
    maxOutputTokens,
    abortSignal: signal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(tools === undefined ? {} : { tools: tools.map(toTool) }),
    ...(output === undefined || !hasSchemaMode
      ? {}
      : { responseFormat: { type: 'json', schema: output as JSONSchema7, name: 'answer' } }),
    // Strict forms refuse most of JSON Schema; what does not fit is found when the answer is checked.
    providerOptions: { openaiCompatible: { strictJsonSchema: false } },
  };
}

function toTool({ name, description, input }: ModelTool): {
  type: 'function';
  name: string;
  description: string;
  inputSchema: JSONSchema7;
} {
  return { type: 'function', name, description, inputSchema: input as JSONSchema7 };
}

function toPrompt(request: ModelRequest, hasSchemaMode: boolean): LanguageModelV4Prompt {
  const { system, output } = request;
  const rule =
    output === undefined || hasSchemaMode
      ? []
      : [
          `Answer with one JSON value and nothing else. It matches this schema: ${canonicalJson(output)}`,
        ];
  const said = [...(system === undefined ? [] : [system]), ...rule].join('\n\n');
  return [
    ...(said === '' ? [] : [{ role: 'system' as const, content: said }]),
    ...request.messages.map(toMessage),
  ];
}

function toMessage(message: ModelMessage): LanguageModelV4Message {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] };
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(({ id, name, input }) => ({
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: name,
        input: toInput(input),
      }));
      const text = message.text === '' ? [] : [{ type: 'text' as const, text: message.text }];
      return { role: 'assistant', content: [...text, ...calls] };
    }
    case 'tool':
      return {
        role: 'tool',
        content: message.results.map(({ id, name, text, isError }) => ({
          type: 'tool-result' as const,
          toolCallId: id,
          toolName: name,
          output: { type: isError ? ('error-text' as const) : ('text' as const), value: text },
        })),
      };
  }
}

/** What the model wrote, given back to it: no JSON becomes an object that says so. */
function toInput(input: string): Json {
  try {
    const value = JSON.parse(input) as Json;
    return typeof value === 'object' && value !== null ? value : { value };
  } catch {
    return { malformed: input };
  }
}
