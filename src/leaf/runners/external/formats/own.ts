/**
 * Our own lines, for programs that somebody writes as an agent. Each is an object with a `type`:
 * `text` {text} · `tool` {id, name, input, output?, failed?} · `usage` {input, cache_read, cache_write,
 * output, reasoning, cost_usd} · `model` {name} · `result` {text} · `error` {message}.
 */
import {
  amountAt,
  countAt,
  type FormatSink,
  present,
  type ReadLine,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from './report.ts';

export const readOwn: ReadLine = (line, sink) => {
  switch (line['type']) {
    case 'text':
      return sink.says(textAt(line, 'text') ?? '');
    case 'tool':
      return sink.tool(
        present<ReportedTool>({
          id: textAt(line, 'id') ?? '',
          name: textAt(line, 'name'),
          input: line['input'],
          output: textAt(line, 'output'),
          failed: line['failed'] === true ? true : undefined,
        }),
      );
    case 'usage':
      return readUsage(line, sink);
    case 'model':
      return sink.model(textAt(line, 'name') ?? '');
    case 'result':
      return sink.ends(textAt(line, 'text') ?? '');
    case 'error':
      return sink.fails(textAt(line, 'message') ?? 'it said no more');
    default:
  }
};

function readUsage(line: Parameters<ReadLine>[0], sink: FormatSink): void {
  sink.usage(
    present<ReportedFigures>({
      input: countAt(line, 'input'),
      cacheRead: countAt(line, 'cache_read'),
      cacheWrite: countAt(line, 'cache_write'),
      output: countAt(line, 'output'),
      reasoning: countAt(line, 'reasoning'),
      costUsd: amountAt(line, 'cost_usd'),
    }),
  );
}
