import canonicalize from 'canonicalize';
import { isJsonObject, type Json } from '../../src/base/json.ts';
import type { EventBody } from '../../src/trace/events.ts';
import type { Outcome } from '../../src/trace/outcome.ts';

/** What of the engine’s decisions the specification speaks of: settling in no order, then requests. */
export function comparable(events: readonly EventBody[]): {
  readonly settled: readonly string[];
  readonly requested: readonly string[];
} {
  const settled: string[] = [];
  const requested: string[] = [];
  for (const event of events) {
    if (event.type === 'leaf.requested') {
      const { path, attempt, tree, slice = {} } = event;
      const where = `${tree?.key ?? ''}@${tree?.commit ?? ''}`;
      requested.push(`${path}#${attempt} ${where} ${canonicalize({ ...slice })}`);
    } else settled.push(canonicalize(plain(event)) ?? '');
  }
  return { settled: settled.sort(), requested };
}

function plain(event: EventBody): object {
  switch (event.type) {
    case 'node.finished':
      return { ...event, outcome: plainOutcome(event.outcome) };
    case 'run.finished':
      return { type: event.type, outcome: plainOutcome(event.outcome, true) };
    case 'run.stopped':
      return { type: event.type, because: event.because };
    case 'candidates.ranked': {
      const { value } = event;
      return { ...event, value: isJsonObject(value) ? (value['winner'] ?? chosen(value)) : value };
    }
    case 'branch.harvested':
      return { ...event, leaves: [...event.leaves].sort() };
    default:
      return event;
  }
}

function plainOutcome(outcome: Outcome, isRun = false): unknown {
  if (outcome.status === 'failed') {
    const output = isRun ? undefined : outcome.output;
    return { status: outcome.status, kind: outcome.failure.kind, output };
  }
  if (!('output' in outcome) || outcome.output.type !== 'value') return outcome;
  const { value, parts, fruit } = outcome.output;
  const winner = parts !== undefined && isJsonObject(value) ? value['winner'] : chosen(value);
  return { status: outcome.status, value: winner, parts, fruit };
}

/** Without the words on what was not chosen. */
function chosen(value: Json): Json {
  if (!isJsonObject(value) || !Array.isArray(value['others'])) return value;
  const { others: _others, ...rest } = value;
  return rest;
}
