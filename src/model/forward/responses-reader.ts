/** OpenAI’s responses. */
import type { Json } from '../../base/json.ts';
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
      case 'response.output_item.done':
        called(event['item'], sink);
        return;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        ended(event['response'], sink);
        return;
      default:
    }
  },
  whole(body, sink) {
    for (const item of listOf(body['output'])) {
      for (const part of listOf(item['content'])) sink.text(textOf(part['text']));
      called(item, sink);
    }
    ended(body, sink);
  },
};

function called(item: Json | undefined, sink: AnswerSink): void {
  const type = textOf(at(item, 'type'));
  if (!/_call$/.test(type)) return;
  const id = textOf(at(item, 'call_id')) || textOf(at(item, 'id'));
  const name = textOf(at(item, 'name')) || type;
  const action = at(item, 'action');
  const input = textOf(at(item, 'arguments')) || textOf(at(item, 'input'));
  sink.toolCall(id, {
    id,
    name,
    input: input === '' && action !== undefined ? JSON.stringify(action) : input,
  });
}

function ended(response: Json | undefined, sink: AnswerSink): void {
  const model = textOf(at(response, 'model'));
  if (model !== '') sink.answeredBy(model);
  const usage = at(response, 'usage');
  const input = numberOf(at(usage, 'input_tokens'));
  const output = numberOf(at(usage, 'output_tokens'));
  if (input !== undefined && output !== undefined) {
    const cacheRead = numberOf(at(usage, 'input_tokens_details', 'cached_tokens')) ?? 0;
    const reasoning = numberOf(at(usage, 'output_tokens_details', 'reasoning_tokens')) ?? 0;
    sink.usage({ uncached: input - cacheRead, cacheRead, output: output - reasoning, reasoning });
  }
  sink.done(at(response, 'status') === 'incomplete');
}
