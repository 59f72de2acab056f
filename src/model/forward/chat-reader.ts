/** OpenAI’s chat completions, as their many speakers send them. */
import type { Json, JsonObject } from '../../base/json.ts';
import { type AnswerSink, at, listOf, numberOf, textOf, type WireReader } from './wire-reader.ts';

export const chatReader: WireReader = {
  event(event, sink) {
    head(event, sink);
    for (const choice of listOf(event['choices'])) {
      const delta = at(choice, 'delta');
      said(delta, sink);
      const reason = textOf(choice['finish_reason']);
      if (reason !== '') sink.done(reason === 'length');
    }
  },
  whole(body, sink) {
    head(body, sink);
    for (const choice of listOf(body['choices'])) {
      said(at(choice, 'message'), sink);
      sink.done(choice['finish_reason'] === 'length');
    }
  },
  marker: (sink) => sink.done(),
};

function head(event: JsonObject, sink: AnswerSink): void {
  const model = textOf(event['model']);
  if (model !== '') sink.answeredBy(model);
  const usage = event['usage'];
  const input = numberOf(at(usage, 'prompt_tokens'));
  const output = numberOf(at(usage, 'completion_tokens'));
  if (input === undefined || output === undefined) return;
  const cacheRead =
    numberOf(at(usage, 'prompt_tokens_details', 'cached_tokens')) ??
    numberOf(at(usage, 'prompt_cache_hit_tokens')) ??
    0;
  const reasoning = numberOf(at(usage, 'completion_tokens_details', 'reasoning_tokens')) ?? 0;
  sink.usage({ uncached: input - cacheRead, cacheRead, output: output - reasoning, reasoning });
}

function said(message: Json | undefined, sink: AnswerSink): void {
  sink.text(textOf(at(message, 'content')));
  sink.hidden(textOf(at(message, 'reasoning_content')));
  for (const [index, call] of listOf(at(message, 'tool_calls')).entries()) {
    const id = textOf(call['id']);
    const name = textOf(at(call, 'function', 'name'));
    sink.toolCall(String(numberOf(call['index']) ?? index), {
      ...(id === '' ? {} : { id }),
      ...(name === '' ? {} : { name }),
      input: textOf(at(call, 'function', 'arguments')),
    });
  }
}
