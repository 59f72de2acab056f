/** `codex exec --json`: items that are started and completed, and what a turn has used. */
import type { JsonObject } from '../../../../base/json.ts';
import {
  countAt,
  type FormatSink,
  objectAt,
  present,
  type ReadLine,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from './report.ts';

export const readCodex: ReadLine = (line, sink) => {
  const item = objectAt(line, 'item');
  switch (line['type']) {
    case 'item.started':
    case 'item.completed':
      if (item !== undefined) readItem(item, line['type'] === 'item.completed', sink);
      return;
    case 'turn.completed': {
      const usage = objectAt(line, 'usage');
      return sink.usage(
        present<ReportedFigures>({
          input: countAt(usage, 'input_tokens'),
          cacheRead: countAt(usage, 'cached_input_tokens'),
          output: countAt(usage, 'output_tokens'),
          reasoning: countAt(usage, 'reasoning_output_tokens'),
        }),
      );
    }
    case 'turn.failed':
      return sink.fails(textAt(objectAt(line, 'error'), 'message') ?? 'it said no more');
    // `error` is also said of what it tries again by itself.
    default:
  }
};

function readItem(item: JsonObject, isDone: boolean, sink: FormatSink): void {
  const id = textAt(item, 'id') ?? '';
  const type = textAt(item, 'type') ?? '';
  if (type === 'agent_message') {
    const text = textAt(item, 'text') ?? '';
    if (!isDone) return;
    sink.says(text);
    sink.ends(text);
    return;
  }
  if (type === 'reasoning' || type === 'error' || type === 'todo_list') return;
  const { id: _id, type: _type, aggregated_output: output, status, ...input } = item;
  sink.tool(
    present<ReportedTool>({
      id,
      name: type,
      input,
      output: isDone ? (typeof output === 'string' ? output : String(status ?? '')) : undefined,
      failed: status === 'failed' || status === 'declined' ? true : undefined,
    }),
  );
}
