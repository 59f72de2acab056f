/** What an agent tells while it works, read from its frames in the order of the wire. */
import type { Json, JsonObject } from '../../../../base/json.ts';
import {
  amountAt,
  countAt,
  type FormatSink,
  objectAt,
  objectsAt,
  present,
  type ReportedFigures,
  type ReportedTool,
  textAt,
} from '../formats/report.ts';

export interface UpdateSink extends FormatSink {
  /** What was said so far was on the way. */
  forget(): void;
}

/** One session; figures of an agent count from its beginning, those of a turn from the turn’s. */
export class AcpUpdates {
  #sink: UpdateSink | undefined;
  #hasActed = false;
  #costUsd: number | undefined;
  #costBefore = 0;
  #totals: Totals = {};
  #prompt: Json | undefined;

  /** From now on what comes belongs to a new turn. */
  begin(sink: UpdateSink): void {
    this.#sink = sink;
    this.#hasActed = false;
    this.#prompt = undefined;
    this.#costBefore = this.#costUsd ?? 0;
  }

  sent(frame: JsonObject): void {
    if (frame['method'] === 'session/prompt') this.#prompt = frame['id'] ?? undefined;
  }

  received(frame: JsonObject): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (frame['method'] === 'session/update') {
      this.#update(objectAt(objectAt(frame, 'params'), 'update') ?? {}, sink);
    } else if (this.#prompt !== undefined && frame['id'] === this.#prompt) {
      this.#end(objectAt(frame, 'result'), sink);
    }
  }

  #update(update: JsonObject, sink: UpdateSink): void {
    switch (update['sessionUpdate']) {
      case 'agent_message_chunk': {
        if (this.#hasActed) sink.forget();
        this.#hasActed = false;
        sink.says(textAt(objectAt(update, 'content'), 'text') ?? '');
        return;
      }
      case 'tool_call':
      case 'tool_call_update':
        this.#hasActed = true;
        sink.tool(toTool(update));
        return;
      case 'usage_update': {
        const cost = objectAt(update, 'cost');
        const amount = amountAt(cost, 'amount');
        if (amount === undefined || cost?.['currency'] !== 'USD') return;
        this.#costUsd = amount;
        sink.usage({ costUsd: Math.max(0, amount - this.#costBefore) });
        return;
      }
      // Plans, thoughts and modes are in the journal.
      default:
    }
  }

  /** Its input leaves out what caches had. */
  #end(result: JsonObject | undefined, sink: UpdateSink): void {
    const usage = objectAt(result, 'usage');
    if (usage === undefined) {
      sink.usage(quotaOf(result));
      return;
    }
    const totals: Totals = {
      input: countAt(usage, 'inputTokens'),
      cacheRead: countAt(usage, 'cachedReadTokens'),
      cacheWrite: countAt(usage, 'cachedWriteTokens'),
      output: countAt(usage, 'outputTokens'),
      reasoning: countAt(usage, 'thoughtTokens'),
    };
    const since = sinceBefore(totals, this.#totals);
    this.#totals = totals;
    const { input, cacheRead, cacheWrite, output, reasoning } = since;
    sink.usage(
      present<ReportedFigures>({
        input: input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0),
        cacheRead,
        cacheWrite,
        output: output === undefined ? undefined : output + (reasoning ?? 0),
        reasoning,
        costUsd: undefined,
      }),
    );
  }
}

/** What Gemini CLI says beside the protocol: input with what caches had, of this turn alone. */
function quotaOf(result: JsonObject | undefined): ReportedFigures {
  const counted = objectAt(objectAt(objectAt(result, '_meta'), 'quota'), 'token_count');
  return present<ReportedFigures>({
    input: countAt(counted, 'input_tokens'),
    output: countAt(counted, 'output_tokens'),
  });
}

interface Totals {
  readonly input?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly output?: number | undefined;
  readonly reasoning?: number | undefined;
}

/** Agents count over the whole session; one that counts by turns has less in a later one. */
function sinceBefore(now: Totals, before: Totals): Totals {
  const isCumulative =
    (now.input ?? 0) >= (before.input ?? 0) && (now.output ?? 0) >= (before.output ?? 0);
  if (!isCumulative) return now;
  const less = (name: keyof Totals): number | undefined => {
    const value = now[name];
    return value === undefined ? undefined : Math.max(0, value - (before[name] ?? 0));
  };
  return {
    input: less('input'),
    cacheRead: less('cacheRead'),
    cacheWrite: less('cacheWrite'),
    output: less('output'),
    reasoning: less('reasoning'),
  };
}

function toTool(update: JsonObject): ReportedTool {
  const status = textAt(update, 'status');
  const isDone = status === 'completed' || status === 'failed';
  const title = textAt(update, 'title');
  const isNew = update['sessionUpdate'] === 'tool_call';
  const name = textAt(update, 'name') ?? textAt(update, 'kind') ?? (isNew ? title : undefined);
  const input = update['rawInput'] ?? (isNew && title !== undefined ? { title } : undefined);
  return present<ReportedTool>({
    id: textAt(update, 'toolCallId') ?? '',
    name,
    input,
    output: isDone ? outputText(update) : undefined,
    failed: status === 'failed' ? true : undefined,
  });
}

function outputText(update: JsonObject): string {
  const shown = objectsAt(update, 'content').map((part) => {
    switch (part['type']) {
      case 'content':
        return textAt(objectAt(part, 'content'), 'text') ?? '';
      case 'diff':
        return `changed ${textAt(part, 'path') ?? ''}`;
      default:
        return '';
    }
  });
  const text = shown.filter((one) => one !== '').join('\n');
  const raw = update['rawOutput'];
  if (text !== '' || raw === undefined || raw === null) return text;
  return typeof raw === 'string' ? raw : JSON.stringify(raw);
}
