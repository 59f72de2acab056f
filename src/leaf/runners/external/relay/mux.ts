/**
 * Several streams over one pair of pipes: what an agent reads and prints, and each connection that it
 * makes to its model. A frame is its kind, its channel and its length, then its bytes.
 */

export const MUX = {
  /** To the agent’s stdin. */
  input: 0,
  inputEnd: 1,
  /** From its stdout. */
  output: 2,
  /** A connection of a new number. */
  open: 3,
  data: 4,
  /** One side has said all. */
  end: 5,
  /** Broken off. */
  close: 6,
} as const;

export type MuxKind = (typeof MUX)[keyof typeof MUX];

const HEADER_BYTES = 9;
const AT = { kind: 0, channel: 1, length: 5 } as const;
/** Of one frame; what is longer is no frame of ours. */
const MAX_FRAME_BYTES = 16 * 2 ** 20;
const NOTHING = new Uint8Array();

export function muxFrame(
  kind: MuxKind,
  channel: number,
  payload: Uint8Array = NOTHING,
): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint8(AT.kind, kind);
  view.setUint32(AT.channel, channel);
  view.setUint32(AT.length, payload.length);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

export class MuxReader {
  readonly #onFrame: (kind: number, channel: number, payload: Uint8Array) => void;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #isBroken = false;

  constructor(onFrame: (kind: number, channel: number, payload: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** False once what comes is none of ours; nothing is read from then on. */
  add(chunk: Uint8Array): boolean {
    if (this.#isBroken) return false;
    this.#pieces.push(Uint8Array.from(chunk));
    this.#held += chunk.length;
    while (this.#held >= HEADER_BYTES) {
      const head = this.#peek(HEADER_BYTES);
      const view = new DataView(head.buffer, head.byteOffset, HEADER_BYTES);
      const length = view.getUint32(AT.length);
      if (length > MAX_FRAME_BYTES) {
        this.#isBroken = true;
        return false;
      }
      if (this.#held < HEADER_BYTES + length) return true;
      const whole = this.#take(HEADER_BYTES + length);
      this.#onFrame(
        view.getUint8(AT.kind),
        view.getUint32(AT.channel),
        whole.subarray(HEADER_BYTES),
      );
    }
    return true;
  }

  #peek(bytes: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= bytes) return first.subarray(0, bytes);
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all.subarray(0, bytes);
  }

  #take(bytes: number): Uint8Array {
    const all = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    const whole = (all ?? NOTHING).subarray(0, bytes);
    const rest = (all ?? NOTHING).subarray(bytes);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#held -= bytes;
    return whole;
  }
}
