/**
 * One redacted model: events and contents of a run after redaction, under digests of what they are now.
 * Everything that an export says is derived from this, so that no format can say more than another.
 */

import { isJsonObject, type Json } from '../../base/json.ts';
import { workDigest } from '../../engine/leaf-request.ts';
import { replay } from '../../engine/replay.ts';
import { canonicalJson, wellFormed } from '../../model/canonical-json.ts';
import { apply } from '../../trace/apply.ts';
import type { ContentRef } from '../../trace/content.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { emptyRunState } from '../../trace/run-state.ts';
import { digestText } from '../../workflow/digest.ts';
import { planNodeAt } from '../../workflow/plan.ts';
import { decodeUtf8 } from './decode.ts';
import type { SecretValue } from './exact-values.ts';
import { isSecretName } from './key-names.ts';
import { countMarkers } from './marker.ts';
import { OWN_WORDS } from './own-words.ts';
import { type Redactor, redactObject } from './redactor.ts';

export type ReadBlob = (digest: string) => Uint8Array | undefined;

export interface RunRecord {
  readonly events: readonly TraceEvent[];
  readonly blob: ReadBlob;
}

export interface RedactedRun extends RunRecord {
  /** Nothing that a replay needs was changed. */
  readonly isReplayable: boolean;
}

/** Redacts a whole run. Linear in events and contents. */
export function redactRun({ events, blob }: RunRecord, redact: Redactor): RedactedRun {
  const contents = redactContents(contentRefs(events), blob, redact);
  const readContent: ReadBlob = (digest) => contents.changed.get(digest) ?? blob(digest);
  let isChanged = false;
  const redacted = events.map((event): TraceEvent => {
    const after = redactEvent(event, redact, contents.renamed);
    if (after !== event) isChanged = true;
    const hasHost = after.type === 'run.driven' && countMarkers(after.host) === 0;
    return hasHost ? { ...after, host: redact.whole('host') } : after;
  });
  if (!isChanged) return { events: redacted, blob: readContent, isReplayable: true };
  const isReplayable = replay(redacted).verdict === 'identical';
  const shown = isReplayable ? redacted : withOwnDigests(redacted);
  return { events: shown, blob: readContent, isReplayable };
}

/** All contents that events refer to, once each, in order. */
export function contentRefs(events: readonly TraceEvent[]): ReadonlyMap<string, ContentRef> {
  const found = new Map<string, ContentRef>();
  const visit = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isContentRef(value)) found.set(value.digest, value);
    else if (isJsonObject(value)) for (const part of Object.values(value)) visit(part);
  };
  for (const event of events) {
    visit(event as unknown as Json);
    if (event.type !== 'run.started') continue;
    const fixture = /^mock:([0-9a-f]{64})$/.exec(event.config.wiring)?.[1];
    if (fixture !== undefined) found.set(fixture, { digest: fixture, bytes: 0, type: 'text' });
  }
  return found;
}

const DIGEST = /^[0-9a-f]{64}$/;
const TYPES: readonly unknown[] = [
  'json',
  'text',
  'patch',
  'binary',
] satisfies ContentRef['type'][];

function isContentRef(
  value: Json | undefined,
): value is ContentRef & { readonly [key: string]: Json } {
  if (value === undefined || !isJsonObject(value)) return false;
  const { digest, bytes, type } = value;
  return (
    typeof digest === 'string' &&
    DIGEST.test(digest) &&
    typeof bytes === 'number' &&
    TYPES.includes(type)
  );
}

interface RedactedContents {
  /** Old digest → new one. */
  readonly renamed: ReadonlyMap<string, { readonly digest: string; readonly bytes: number }>;
  /** By new digest. */
  readonly changed: ReadonlyMap<string, Uint8Array>;
}

function redactContents(
  refs: ReadonlyMap<string, ContentRef>,
  blob: ReadBlob,
  redact: Redactor,
): RedactedContents {
  const renamed = new Map<string, { readonly digest: string; readonly bytes: number }>();
  const changed = new Map<string, Uint8Array>();
  for (const ref of refs.values()) {
    const data = blob(ref.digest);
    const after = data === undefined ? undefined : redactContent(data, ref.type, redact);
    if (after === undefined) continue;
    const digest = digestText(after);
    renamed.set(ref.digest, { digest, bytes: after.length });
    changed.set(digest, after);
  }
  return { renamed, changed };
}

/** The content without its secrets; undefined where it has none. Bytes that are no text stay bytes. */
function redactContent(
  data: Uint8Array,
  type: ContentRef['type'],
  redact: Redactor,
): Uint8Array | undefined {
  const text = decodeUtf8(data);
  if (text === undefined) {
    const latin = Buffer.from(data).toString('latin1');
    const after = redact.text(latin);
    return after === latin ? undefined : Uint8Array.from(Buffer.from(after, 'latin1'));
  }
  const after = type === 'json' ? redactJsonText(text, redact) : redact.text(text);
  return after === text ? undefined : new TextEncoder().encode(after);
}

function redactJsonText(text: string, redact: Redactor): string {
  const value = parseJson(text);
  if (value === undefined) return redact.text(text);
  const after = redact.json(value);
  return after === value ? text : canonicalJson(wellFormed(after));
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Fields whose texts are addresses of nodes, or lists and maps of such. */
const ADDRESSES = new Set([
  'path',
  'id',
  'node',
  'into',
  'voided',
  'subtree',
  'key',
  'leaves',
  'list',
  'items',
  'entries',
  'parts',
  'candidates',
]);
/** Fields that hold what leaves and authors made, in which no name means anything; so is a file’s path. */
const VALUES = new Set(['values', 'value', 'params']);
const ACTORS = new Set(['by']);

function redactEvent(
  event: TraceEvent,
  redact: Redactor,
  renamed: RedactedContents['renamed'],
): TraceEvent {
  const walk = (value: Json, name: string, isAddress: boolean): Json => {
    if (typeof value === 'string') {
      const fresh = renamed.get(value);
      if (fresh !== undefined) return fresh.digest;
      if (ACTORS.has(name) && redact.isUser(value)) return redact.whole('user');
      if (isAddress) return redact.address(value);
      const wired =
        renamed.size > 0 && value.startsWith('mock:') ? renamed.get(value.slice(5)) : undefined;
      if (wired !== undefined) return `mock:${wired.digest}`;
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => walk(item, name, isAddress));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    if (!isJsonObject(value)) return redact.json(value, name);
    const fresh = isContentRef(value) ? renamed.get(value.digest) : undefined;
    const own = fresh === undefined ? value : { ...value, ...fresh };
    const rename = isAddress ? redact.address : redact.text;
    const toKey = (key: string): string => (OWN_WORDS.has(key) ? key : rename(key));
    return redactObject(own, toKey, (part, key) =>
      VALUES.has(key) || (name === 'source' && key === 'path')
        ? redact.json(part, key)
        : walk(part, key, ADDRESSES.has(key) || isAddress),
    );
  };
  const { type, seq, at, ...rest } = event;
  const body = walk(rest as unknown as Json, '', false);
  return body === (rest as unknown)
    ? event
    : ({ seq, at, type, ...(body as object) } as TraceEvent);
}

/**
 * Identities of work are digests over prompts, inputs and outputs, so that of a short secret they are
 * as good as the secret. They are taken again over what is left.
 */
function withOwnDigests(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const state = emptyRunState();
  return events.map((event) => {
    const plan =
      event.type === 'leaf.requested' && state.plan !== undefined
        ? planNodeAt(state.plan, event.path)
        : undefined;
    const after =
      event.type === 'leaf.requested' && plan?.node.kind === 'leaf'
        ? { ...event, digest: workDigest(state, plan, event.path, event.tree?.commit) }
        : event;
    apply(state, after, after.at);
    state.seq = after.seq;
    return after;
  });
}

/** Parameters that are secrets by their name; their values may stand in every prompt. */
export function secretParams(events: readonly TraceEvent[]): readonly SecretValue[] {
  const [started] = events;
  if (started?.type !== 'run.started') return [];
  return Object.entries(started.params).flatMap(([name, value]) =>
    isSecretName(name) && typeof value === 'string' ? [{ name, value }] : [],
  );
}
