/** A run’s events as JSONL: one event a line, `seq` and `at` first, every line with its line feed. */
import { isJsonObject, type Json } from '../base/json.ts';
import type { TraceEvent } from '../trace/events.ts';

export function toEventLines(events: readonly TraceEvent[]): string {
  return events
    .map((event) => {
      const { seq, at, ...body } = event;
      return `${JSON.stringify({ seq, at, ...body })}\n`;
    })
    .join('');
}

/** The events of such a text, or what is wrong with it. Their kinds are not checked here. */
export function parseEventLines(
  text: string,
): { readonly events: readonly TraceEvent[] } | { readonly problem: string } {
  const lines = text.split('\n');
  if (lines.pop() !== '') return { problem: 'the last line of the events is cut off' };
  const events: TraceEvent[] = [];
  for (const [index, line] of lines.entries()) {
    const event = parseLine(line);
    if (event === undefined) return { problem: `event ${index + 1} is no event` };
    if (event.seq !== index + 1) return { problem: `event ${index + 1} has seq ${event.seq}` };
    events.push(event);
  }
  if (events[0]?.type !== 'run.started') return { problem: 'the first event is not run.started' };
  return { events };
}

function parseLine(line: string): TraceEvent | undefined {
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { type, seq, at } = value;
  const isEvent = typeof type === 'string' && Number.isSafeInteger(seq) && Number.isSafeInteger(at);
  return isEvent ? (value as unknown as TraceEvent) : undefined;
}
