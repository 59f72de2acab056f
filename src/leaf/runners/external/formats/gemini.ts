/** `stream-json` of Gemini CLI: messages, calls of tools, and one `result` with figures. */
import {
  countAt,
  objectAt,
  present,
  type ReadLine,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from './report.ts';

export const readGemini: ReadLine = (line, sink) => {
  switch (line['type']) {
    case 'init': {
      const model = textAt(line, 'model');
      return model === undefined ? undefined : sink.model(model);
    }
    case 'message':
      if (line['role'] === 'assistant') sink.says(textAt(line, 'content') ?? '');
      return;
    case 'tool_use':
      return sink.tool(
        present<ReportedTool>({
          id: textAt(line, 'tool_id') ?? '',
          name: textAt(line, 'tool_name'),
          input: line['parameters'],
        }),
      );
    case 'tool_result':
      return sink.tool(
        present<ReportedTool>({
          id: textAt(line, 'tool_id') ?? '',
          output: textAt(line, 'output') ?? '',
          failed: line['status'] === 'error' ? true : undefined,
        }),
      );
    case 'result': {
      const stats = objectAt(line, 'stats');
      sink.usage(
        present<ReportedFigures>({
          input: countAt(stats, 'input_tokens'),
          cacheRead: countAt(stats, 'cached'),
          output: countAt(stats, 'output_tokens'),
        }),
      );
      if (line['status'] === 'error') {
        sink.fails(textAt(objectAt(line, 'error'), 'message') ?? 'it said no more');
      }
      return;
    }
    default:
  }
};
