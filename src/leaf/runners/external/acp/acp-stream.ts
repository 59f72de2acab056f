/**
 * Frames as the SDK wants them, over the pipes of a process in a sandbox. Every frame is seen here, in
 * both directions, before anybody acts on it.
 */
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { isJsonObject, type Json, type JsonObject } from '../../../../base/json.ts';
import { isJsonDeeper } from '../../../../base/json-depth.ts';
import { ByteQueue } from '../byte-queue.ts';
import { LineReader } from '../line-reader.ts';
import type { FrameSide } from './frame-journal.ts';

export interface AcpPipe {
  readonly stream: Stream;
  /** What the process reads. */
  readonly input: AsyncIterable<Uint8Array>;
  /** What the process printed; false once that is more than anybody can take in. */
  hear(chunk: Uint8Array): boolean;
  /** Why it is no talk any more; undefined while all is well. */
  readonly problem: string | undefined;
  /** The process has ended. */
  end(): void;
}

/** Lines in a row that are no frames: then it does not speak the protocol. */
const MAX_BAD_FRAMES = 100;
const MAX_DEPTH = 200;

export function acpPipe(
  seen: (from: FrameSide, raw: string, frame: JsonObject | undefined) => void,
): AcpPipe {
  const toProcess = new ByteQueue();
  const asked = new Set<Json>();
  let bad = 0;
  let problem: string | undefined;
  let incoming: ReadableStreamDefaultController<AnyMessage> | undefined;
  const readable = new ReadableStream<AnyMessage>({
    start(controller) {
      incoming = controller;
    },
    cancel() {
      incoming = undefined;
    },
  });
  const lines = new LineReader((line) => {
    const raw = new TextDecoder().decode(line);
    const frame = parsed(raw);
    seen('agent', raw, frame);
    bad = frame === undefined ? bad + 1 : 0;
    if (bad > MAX_BAD_FRAMES) problem ??= `${bad} lines that are no frames`;
    if (frame !== undefined && isForSdk(frame, asked)) {
      incoming?.enqueue(frame as unknown as AnyMessage);
    }
  });
  const writable = new WritableStream<AnyMessage>({
    write(message) {
      const raw = JSON.stringify(message);
      const frame = message as unknown as JsonObject;
      if (frame['method'] !== undefined && frame['id'] !== undefined) asked.add(frame['id']);
      seen('client', raw, frame);
      toProcess.push(new TextEncoder().encode(`${raw}\n`));
    },
    close: () => toProcess.close(),
    abort: () => toProcess.close(),
  });
  return {
    stream: { readable, writable },
    input: toProcess,
    hear: (chunk) => lines.add(chunk) && problem === undefined,
    get problem() {
      return lines.problem ?? problem;
    },
    end() {
      lines.end();
      incoming?.close();
      incoming = undefined;
      toProcess.close();
    },
  };
}

/**
 * What was told, and answers to what nobody asked, end here: the SDK would hand on the one in another
 * order, and print a line about the other.
 */
function isForSdk(frame: JsonObject, asked: Set<Json>): boolean {
  const { method, id } = frame;
  if (method === undefined) return id !== undefined && asked.delete(id);
  return id !== undefined || method === '$/cancel_request';
}

/** Undefined for what is no frame. */
function parsed(raw: string): JsonObject | undefined {
  if (isJsonDeeper(raw, MAX_DEPTH)) return undefined;
  try {
    const value = JSON.parse(raw) as Json;
    return isJsonObject(value) && value['jsonrpc'] === '2.0' ? value : undefined;
  } catch {
    return undefined;
  }
}
