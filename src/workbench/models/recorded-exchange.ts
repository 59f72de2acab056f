/** What went to a provider and what came back, as a fixture of the tests, for a person with a key to keep. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { WireExchange } from '../../model/ai-sdk/guarded-fetch.ts';
import type { ModelEnd, ModelRequest } from '../../model/model-provider.ts';
import { type Conceal, concealJson } from '../../trace/conceal.ts';

export interface ProbeExchange {
  readonly ask: ModelRequest;
  readonly wire: WireExchange;
  readonly end: ModelEnd;
}

export interface FixtureParts {
  readonly dialect: string;
  /** Wall time, in milliseconds. */
  readonly now: number;
  readonly conceal: Conceal;
}

const DAY_LENGTH = 'yyyy-mm-dd'.length;

/** In the form of `test/providers/fixtures`, without any known secret. */
export function toFixture(
  { ask, wire, end }: ProbeExchange,
  { dialect, now, conceal }: FixtureParts,
): JsonObject {
  const { status, type, text } = wire;
  const isStream = type.startsWith('text/event-stream');
  const fixture = {
    source: { from: 'recorded', date: new Date(now).toISOString().slice(0, DAY_LENGTH) },
    dialect,
    ask: ask as unknown as Json,
    response: { status, type, ...(isStream ? { events: eventsOf(text) } : { body: parsed(text) }) },
    expect: expected(end),
    request: wire.request,
  };
  return concealJson<JsonObject>(fixture, conceal);
}

/** Data as JSON where it is, and else as it stands; the names of events follow from the data. */
function eventsOf(text: string): readonly Json[] {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith('event:'));
    const data = lines.flatMap((line) =>
      line.startsWith('data:') ? [line.slice('data:'.length).trim()] : [],
    );
    return data.length > 0 ? [parsed(data.join('\n'))] : lines;
  });
}

function parsed(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}

function expected(end: ProbeExchange['end']): JsonObject {
  if (end.type === 'failed') return { failed: end.kind };
  const { text, toolCalls, usage, isCut, model } = end;
  return {
    text,
    ...(toolCalls === undefined
      ? {}
      : { toolCalls: toolCalls.map(({ name, input }) => ({ name, input: inputOf(input) })) }),
    usage: usage.costStatus === 'exact' ? { ...usage.tokens } : 'estimated',
    ...(isCut === undefined ? {} : { isCut }),
    model,
  };
}

function inputOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
