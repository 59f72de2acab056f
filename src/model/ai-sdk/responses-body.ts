/** A request in the words of OpenAI’s responses. */
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';

type Item = Readonly<Record<string, unknown>>;

/** The provider keeps nothing of it: all that was said goes in with each request. */
export function responsesBody(
  model: string,
  { prompt, maxOutputTokens, temperature, tools = [], responseFormat }: LanguageModelV4CallOptions,
): Item {
  const system = prompt.flatMap((message) => (message.role === 'system' ? [message.content] : []));
  const functions = tools.flatMap((tool) => (tool.type === 'function' ? [tool] : []));
  const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined;
  return {
    model,
    stream: true,
    store: false,
    ...(system.length === 0 ? {} : { instructions: system.join('\n\n') }),
    input: prompt.flatMap(toItems),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(functions.length === 0
      ? {}
      : {
          tools: functions.map(({ name, description, inputSchema }) => ({
            type: 'function',
            name,
            description,
            parameters: inputSchema,
            strict: false,
          })),
        }),
    ...(schema === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', schema, strict: false } } }),
  };
}

function toItems(message: LanguageModelV4Message): readonly Item[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [
        {
          role: 'user',
          content: message.content.flatMap((part) =>
            part.type === 'text' ? [{ type: 'input_text', text: part.text }] : [],
          ),
        },
      ];
    case 'assistant':
      return message.content.flatMap((part): readonly Item[] => {
        if (part.type === 'text') {
          return [{ role: 'assistant', content: [{ type: 'output_text', text: part.text }] }];
        }
        if (part.type !== 'tool-call') return [];
        const { toolCallId, toolName, input } = part;
        return [
          {
            type: 'function_call',
            call_id: toolCallId,
            name: toolName,
            arguments: JSON.stringify(input),
          },
        ];
      });
    case 'tool':
      return message.content.flatMap((part) =>
        part.type === 'tool-result'
          ? [{ type: 'function_call_output', call_id: part.toolCallId, output: textOf(part) }]
          : [],
      );
  }
}

function textOf({ output }: LanguageModelV4ToolResultPart): string {
  return output.type === 'text' || output.type === 'error-text' ? output.value : '';
}
