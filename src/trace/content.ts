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
