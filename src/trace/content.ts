import { hash } from 'node:crypto';

/** What events say instead of the thing itself: contents stand in the blob store, once. */
export interface ContentRef {
  /** sha256 of the raw bytes, 64 lower-case hex. */
  readonly digest: string;
  readonly bytes: number;
  readonly type: 'json' | 'text' | 'patch' | 'binary';
}

/** A content on its way into the store. */
export interface Blob {
  readonly ref: ContentRef;
  readonly data: Uint8Array;
}

/**
 * A content under the digest that was computed of it here: a store need not compute it again. Nobody
 * may change `data` afterwards.
 */
export class DigestedBlob implements Blob {
  readonly ref: ContentRef;
  readonly data: Uint8Array;

  constructor(data: Uint8Array | string, type: ContentRef['type']) {
    this.data = typeof data === 'string' ? Buffer.from(data) : data;
    this.ref = { digest: hash('sha256', data), bytes: this.data.length, type };
  }
}
