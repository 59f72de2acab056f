/** Anthropic’s messages: figures come in two parts, the input first. */
import type { Json } from '../../base/json.ts';
import { type AnswerSink, at, listOf, numberOf, textOf, type WireReader } from './wire-reader.ts';

export const anthropicReader: WireReader = {
  event(event, sink) {
    const key = String(event['index'] ?? '');
    switch (event['type']) {
      case 'message_start':
        head(event['message'], sink);
        return;
      case 'content_block_start': {
        const block = event['content_block'];
        if (/_use$/.test(textOf(at(block, 'type')))) begun(key, block, sink);
        sink.text(textOf(at(block, 'text')));
        return;
      }
      case 'content_block_delta': {
        const delta = event['delta'];
        sink.text(textOf(at(delta, 'text')));
        sink.hidden(textOf(at(delta, 'thinking')));
        const input = textOf(at(delta, 'partial_json'));
        if (input !== '') sink.toolCall(key, { input });
        return;
      }
      case 'message_delta':
        figures(event['usage'], sink);
        if (at(event, 'delta', 'stop_reason') === 'max_tokens') sink.done(true);
        return;
      case 'message_stop':
        sink.done();
        return;
      default:
    }
  },
  whole(body, sink) {
    head(body, sink);
    for (const [index, block] of listOf(body['content']).entries()) {
      sink.text(textOf(block['text']));
      sink.hidden(textOf(block['thinking']));
      if (!/_use$/.test(textOf(block['type']))) continue;
      begun(String(index), block, sink);
      sink.toolCall(String(index), { input: JSON.stringify(block['input'] ?? {}) });
    }
    if (body['type'] === 'message') sink.done(body['stop_reason'] === 'max_tokens');
  },
};

function begun(key: string, block: Json | undefined, sink: AnswerSink): void {
  sink.toolCall(key, { id: textOf(at(block, 'id')), name: textOf(at(block, 'name')) });
}

function head(message: Json | undefined, sink: AnswerSink): void {
  const model = textOf(at(message, 'model'));
  if (model !== '') sink.answeredBy(model);
  figures(at(message, 'usage'), sink);
}

/** Input leaves out what caches had; output counts thinking, which is not told apart. */
function figures(usage: Json | undefined, sink: AnswerSink): void {
  const parts = [
    ['uncached', 'input_tokens'],
    ['cacheRead', 'cache_read_input_tokens'],
    ['cacheWrite', 'cache_creation_input_tokens'],
    ['output', 'output_tokens'],
  ] as const;
  for (const [part, name] of parts) {
    const value = numberOf(at(usage, name));
    if (value !== undefined) sink.usage({ [part]: value });
  }
}
