/** OpenAI’s responses. */
import type { Json, JsonObject } from '../../base/json.ts';
import { type AnswerSink, at, listOf, numberOf, textOf, type WireReader } from './wire-reader.ts';

export const responsesReader: WireReader = {
  event(event, sink) {
    switch (event['type']) {
      case 'response.output_text.delta':
        sink.text(textOf(event['delta']));
        return;
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        sink.hidden(textOf(event['delta']));
        return;
      case 'response.refusal.delta':
        sink.text(textOf(event['delta']));
        return;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        sink.toolCall(keyOf(event), { input: textOf(event['delta']) });
        return;
      case 'response.output_item.done':
        called(event['item'], keyOf(event), sink);
        return;
      case 'response.created':
        answeredBy(event['response'], sink);
        return;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        ended(event['response'], sink);
        return;
      case 'error':
        failed(event, sink);
        return;
      default:
    }
  },
  whole(body, sink) {
    for (const [index, item] of listOf(body['output']).entries()) {
      const parts = item['type'] === 'message' ? listOf(item['content']) : [];
      for (const part of parts) sink.text(textOf(part['text']) || textOf(part['refusal']));
      called(item, String(index), sink);
    }
    ended(body, sink);
  },
};

/** Ids may be equal or empty; places are not. */
const keyOf = (event: JsonObject): string => String(event['output_index'] ?? '');

function called(item: Json | undefined, key: string, sink: AnswerSink): void {
  const type = textOf(at(item, 'type'));
  if (!/_call$/.test(type)) return;
  const id = textOf(at(item, 'call_id')) || textOf(at(item, 'id'));
  const name = textOf(at(item, 'name')) || type;
  const action = at(item, 'action');
  const input = textOf(at(item, 'arguments')) || textOf(at(item, 'input'));
  const whole = input === '' && action !== undefined ? JSON.stringify(action) : input;
  sink.toolCall(key, { id, name, whole });
}

function answeredBy(response: Json | undefined, sink: AnswerSink): void {
  const model = textOf(at(response, 'model'));
  if (model !== '') sink.answeredBy(model);
}

function failed(error: Json | undefined, sink: AnswerSink): void {
  const message = textOf(at(error, 'message')) || 'it gave up, and said no more';
  sink.fails({ code: textOf(at(error, 'code')), message });
}

function ended(response: Json | undefined, sink: AnswerSink): void {
  answeredBy(response, sink);
  const usage = at(response, 'usage');
  const input = numberOf(at(usage, 'input_tokens'));
  const output = numberOf(at(usage, 'output_tokens'));
  if (input !== undefined && output !== undefined) {
    const cacheRead = numberOf(at(usage, 'input_tokens_details', 'cached_tokens')) ?? 0;
    const reasoning = numberOf(at(usage, 'output_tokens_details', 'reasoning_tokens')) ?? 0;
    sink.usage({ uncached: input - cacheRead, cacheRead, output: output - reasoning, reasoning });
  }
  const status = at(response, 'status');
  if (status === 'failed') failed(at(response, 'error'), sink);
  else if (status !== 'in_progress' && status !== 'queued') sink.done(status === 'incomplete');
}
