/**
 * `stream-json` of Claude Code, which others speak too: messages with blocks, and one `result` at the
 * end. Its input does not count what caches had.
 */
import type { JsonObject } from '../../../../base/json.ts';
import {
  amountAt,
  countAt,
  type FormatSink,
  objectAt,
  objectsAt,
  present,
  type ReadLine,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from './report.ts';

export const readClaude: ReadLine = (line, sink) => {
  const message = objectAt(line, 'message');
  switch (line['type']) {
    case 'assistant': {
      const model = textAt(message, 'model');
      if (model !== undefined) sink.model(model);
      for (const block of objectsAt(message, 'content')) readBlock(block, sink);
      return;
    }
    case 'user':
      for (const block of objectsAt(message, 'content')) readBlock(block, sink);
      return;
    case 'result':
      return readResult(line, sink);
    default:
  }
};

const readBlock: ReadLine = (block, sink) => {
  switch (block['type']) {
    case 'text':
      return sink.says(textAt(block, 'text') ?? '');
    case 'tool_use':
      return sink.tool(
        present<ReportedTool>({
          id: textAt(block, 'id') ?? '',
          name: textAt(block, 'name'),
          input: block['input'],
        }),
      );
    case 'tool_result':
      return sink.tool(
        present<ReportedTool>({
          id: textAt(block, 'tool_use_id') ?? '',
          output: resultText(block),
          failed: block['is_error'] === true ? true : undefined,
        }),
      );
    default:
  }
};

function resultText(block: JsonObject): string {
  const { content } = block;
  if (typeof content === 'string') return content;
  return objectsAt(block, 'content')
    .map((part) => textAt(part, 'text') ?? '')
    .join('');
}

function readResult(line: JsonObject, sink: FormatSink): void {
  const usage = objectAt(line, 'usage');
  const cacheRead = countAt(usage, 'cache_read_input_tokens');
  const cacheWrite = countAt(usage, 'cache_creation_input_tokens');
  const uncached = countAt(usage, 'input_tokens');
  sink.usage(
    present<ReportedFigures>({
      input: uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheWrite ?? 0),
      cacheRead,
      cacheWrite,
      output: countAt(usage, 'output_tokens'),
      costUsd: amountAt(line, 'total_cost_usd'),
    }),
  );
  const text = textAt(line, 'result');
  if (line['is_error'] === true) {
    const error = objectAt(line, 'error');
    sink.fails(text ?? textAt(error, 'message') ?? textAt(line, 'subtype') ?? 'it said no more');
  } else if (text !== undefined) sink.ends(text);
}
