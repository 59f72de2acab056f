import type { ContentRef } from './content.ts';
import type { TraceEvent } from './events.ts';

const DIGEST = /^[0-9a-f]{64}$/;
const TYPES: ReadonlySet<unknown> = new Set(['json', 'text', 'patch', 'binary']);

/** The contents that an event refers to, wherever they stand in it. */
export function contentRefs(event: TraceEvent): readonly ContentRef[] {
  const found: ContentRef[] = [];
  const open: unknown[] = [event];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (isContentRef(value)) found.push(value);
    for (const part of Object.values(value)) {
      if (typeof part === 'object' && part !== null) open.push(part);
    }
  }
  return found;
}

function isContentRef(value: object): value is ContentRef {
  if (!('digest' in value && 'bytes' in value && 'type' in value)) return false;
  const { digest, bytes, type } = value;
  return (
    typeof digest === 'string' &&
    DIGEST.test(digest) &&
    typeof bytes === 'number' &&
    TYPES.has(type)
  );
}
