/** `opencode run --format json`: what it says and calls as it is done, and what each of its steps has used. */
import type { JsonObject } from '../../../../base/json.ts';
import {
  amountAt,
  countAt,
  objectAt,
  present,
  type ReadLine,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from './report.ts';

export const readOpenCode: ReadLine = (line, sink) => {
  const part = objectAt(line, 'part');
  switch (line['type']) {
    case 'text': {
      const text = textAt(part, 'text') ?? '';
      sink.says(text);
      return sink.ends(text);
    }
    case 'tool_use': {
      const state = objectAt(part, 'state');
      const failed = textAt(state, 'status') === 'error' ? true : undefined;
      return sink.tool(
        present<ReportedTool>({
          id: textAt(part, 'callID') ?? '',
          name: textAt(part, 'tool'),
          input: state?.['input'],
          output: textAt(state, 'output') ?? textAt(state, 'error') ?? '',
          failed,
        }),
      );
    }
    case 'step_finish':
      return sink.uses(figuresOf(part));
    case 'error': {
      const error = objectAt(line, 'error');
      const words = textAt(objectAt(error, 'data'), 'message') ?? textAt(error, 'name');
      return sink.fails(words ?? 'it said no more');
    }
    default:
  }
};

/** Input leaves out what caches had. */
function figuresOf(part: JsonObject | undefined): ReportedFigures {
  const tokens = objectAt(part, 'tokens');
  const cache = objectAt(tokens, 'cache');
  const cacheRead = countAt(cache, 'read') ?? 0;
  const cacheWrite = countAt(cache, 'write') ?? 0;
  const reasoning = countAt(tokens, 'reasoning') ?? 0;
  // It says 0 of models whose price it does not know.
  const cost = amountAt(part, 'cost');
  const [input, output] = [countAt(tokens, 'input'), countAt(tokens, 'output')];
  return present<ReportedFigures>({
    input: input === undefined ? undefined : input + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    output: output === undefined ? undefined : output + reasoning,
    reasoning,
    costUsd: cost === 0 ? undefined : cost,
  });
}
