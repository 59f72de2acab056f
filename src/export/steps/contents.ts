/** Contents as the trace shows them: text up to a limit, what it is of, and the blob that is whole. */
import type { Json } from '../../base/json.ts';
import { canonicalJson, wellFormed } from '../../model/canonical-json.ts';
import type { ContentRef } from '../../trace/content.ts';
import { digestText } from '../../workflow/digest.ts';
import { decodeUtf8 } from '../redact/decode.ts';
import { countMarkers } from '../redact/marker.ts';
import type { ReadBlob } from '../redact/redact-run.ts';
import type { ContentLevel, TraceBlob } from '../run-trace.ts';
import type { ContentMeta } from '../trace-step.ts';

/** Bytes of text that may stand inline. */
const INLINE_BYTES: { readonly [L in ContentLevel]: number } = {
  full: 32 * 1024,
  preview: 2 * 1024,
  metadata: 0,
};

export interface Shown {
  readonly text: string | null;
  readonly meta: ContentMeta | null;
}

export const NOTHING: Shown = { text: null, meta: null };

const MEDIA_TYPES: { readonly [T in ContentRef['type']]: string } = {
  json: 'application/json',
  text: 'text/plain',
  patch: 'text/x-diff',
  binary: 'application/octet-stream',
};

export class Contents {
  readonly level: ContentLevel;
  readonly #read: ReadBlob;
  readonly #blobs = new Map<string, TraceBlob>();

  constructor(read: ReadBlob, level: ContentLevel) {
    this.#read = read;
    this.level = level;
  }

  /** The bytes; nothing at all where the store has lost them. */
  read(ref: ContentRef): Uint8Array {
    const data = this.#read(ref.digest);
    return data ?? new TextEncoder().encode(ref.type === 'json' ? 'null' : '');
  }

  /** The text of a content; undefined where it is lost or no text. */
  text(ref: ContentRef): string | undefined {
    const data = this.#read(ref.digest);
    return data === undefined ? undefined : decodeUtf8(data);
  }

  /** The value of a JSON content; undefined where it is lost or none. */
  json(ref: ContentRef): Json | undefined {
    const text = this.text(ref);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Json;
    } catch {
      return undefined;
    }
  }

  showRef(ref: ContentRef | undefined): Shown {
    if (ref === undefined) return NOTHING;
    const text = this.text(ref);
    const media = MEDIA_TYPES[ref.type];
    const hash = `sha256:${ref.digest}`;
    if (text !== undefined) return this.#show(text, media, hash);
    const meta = { media_type: media, bytes: ref.bytes, truncated: true, redactions: 0 };
    const isPublic = this.level !== 'metadata';
    const blob = this.level === 'full' ? hash : null;
    return { text: null, meta: { ...meta, sha256: isPublic ? hash : null, blob } };
  }

  /** A text that is no content of its own; what does not fit becomes a blob. */
  showText(text: string, type: ContentRef['type'] = 'text'): Shown {
    return this.#show(text.toWellFormed(), MEDIA_TYPES[type], undefined);
  }

  /** A value as text: texts as they are, everything else as JSON. */
  showValue(value: Json): Shown {
    if (value === null) return NOTHING;
    if (typeof value === 'string') return this.showText(value);
    return this.showText(canonicalJson(wellFormed(value)), 'json');
  }

  /** A few words about something; null where contents are left out. */
  say(text: string | undefined): string | null {
    return text === undefined ? null : this.#prefix(text.toWellFormed());
  }

  /** A value that is content; null where contents are left out, its texts cut in a preview. */
  value(value: Json | undefined): Json {
    if (value === undefined || this.level === 'metadata') return null;
    return this.level === 'full' ? value : cutTexts(value);
  }

  /** The hash of a content; null where contents are left out, since short texts can be guessed. */
  hash(digest: string): string | null {
    return this.level === 'metadata' ? null : `sha256:${digest}`;
  }

  /** Where a content stands among the blobs. */
  blob(ref: ContentRef | undefined): string | null {
    return ref === undefined || this.level !== 'full' ? null : `sha256:${ref.digest}`;
  }

  /** Puts a text among the blobs; null where the document has none. */
  keep(text: string, mediaType: string): string | null {
    if (this.level !== 'full') return null;
    const data = text.toWellFormed();
    const hash = `sha256:${digestText(data)}`;
    const bytes = Buffer.byteLength(data);
    if (!this.#blobs.has(hash)) {
      this.#blobs.set(hash, {
        bytes,
        media_type: mediaType,
        status: 'recorded',
        encoding: 'utf8',
        data,
      });
    }
    return hash;
  }

  /** All blobs by hash: those kept, and the contents that events refer to. */
  blobs(refs: Iterable<ContentRef>): Readonly<Record<string, TraceBlob>> {
    if (this.level !== 'full') return {};
    const all = new Map(this.#blobs);
    for (const ref of refs) {
      const hash = `sha256:${ref.digest}`;
      const data = this.#read(ref.digest);
      all.set(hash, toBlob(ref, data));
    }
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #show(text: string, mediaType: string, whole: string | undefined): Shown {
    const shown = this.#prefix(text);
    const truncated = shown !== text;
    const hash = whole ?? `sha256:${digestText(text)}`;
    const kept = whole ?? (truncated ? this.keep(text, mediaType) : null);
    const meta: ContentMeta = {
      media_type: mediaType,
      bytes: Buffer.byteLength(text),
      sha256: this.level === 'metadata' ? null : hash,
      truncated,
      redactions: countMarkers(text),
      blob: this.level === 'full' ? kept : null,
    };
    return { text: shown, meta };
  }

  #prefix(text: string): string | null {
    return this.level === 'metadata' ? null : prefixOf(text, INLINE_BYTES[this.level]);
  }
}

/** The longest prefix of whole characters that fits. */
function prefixOf(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}

function cutTexts(value: Json): Json {
  const text = JSON.stringify(value);
  if (text.length <= INLINE_BYTES.preview) return value;
  return prefixOf(text.toWellFormed(), INLINE_BYTES.preview);
}

function toBlob(ref: ContentRef, data: Uint8Array | undefined): TraceBlob {
  const media_type = MEDIA_TYPES[ref.type];
  if (data === undefined) return { bytes: ref.bytes, media_type, status: 'unavailable' };
  const known = { bytes: data.length, media_type, status: 'recorded' } as const;
  const text = decodeUtf8(data);
  return text === undefined
    ? { ...known, encoding: 'base64', data: Buffer.from(data).toString('base64') }
    : { ...known, encoding: 'utf8', data: text };
}
