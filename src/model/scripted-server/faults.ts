/**
 * What goes wrong between a model and its caller, one entry each. A fault is given the answer that
 * would have been sent and the raw response to spoil; what it leaves open it closes by itself within
 * `MAX_OPEN_MS`, so that no test waits for ever.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Timers } from '../../system/clock.ts';
import type { Dialect, FullTurn } from './dialect.ts';

export interface Spoiling {
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly turn: FullTurn;
  readonly timers: Timers;
  /** 0 to 1; the same for the same seed. */
  readonly chance: () => number;
}

/** Long past every limit of a caller in a test. */
const MAX_OPEN_MS = 30_000;
const SSE = { 'content-type': 'text/event-stream' } as const;
const HTML = '<html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>';

type Spoil = (spoiling: Spoiling) => void;

const ARGUMENT = 'and so on ';
const BOMB_BYTES = 48 * 2 ** 20;
let bomb: Uint8Array | undefined;

/** Answers before anything was thought about: refused, or in no state to answer. */
const REFUSALS: Readonly<Record<string, Spoil>> = {
  'rate-limit-seconds': refuse(429, { 'retry-after': '1' }),
  'rate-limit-date': refuse(429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
  'rate-limit-absurd': refuse(429, { 'retry-after': '999999999' }),
  'rate-limit-negative': refuse(429, { 'retry-after': '-5' }),
  overloaded: refuse(529, {}),
  'server-error': refuse(500, {}),
  'bad-gateway-html': ({ response }) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end(HTML);
  },
  unavailable: refuse(503, { 'retry-after': '0' }),
  'bad-key': refuse(401, {}),
  'bad-request': refuse(400, {}),
  'no-such-model': refuse(404, {}),
  'redirect-loop': ({ response }) => {
    response.writeHead(307, { location: response.req.url ?? '/' }).end();
  },
  'huge-header': ({ response }) => {
    response.writeHead(200, { ...SSE, 'x-huge': 'x'.repeat(200_000) }).end();
  },
};

/** The connection goes wrong. */
const CONNECTIONS: Readonly<Record<string, Spoil>> = {
  'reset-before-headers': ({ response }) => {
    response.socket?.resetAndDestroy();
  },
  'reset-mid-stream': (spoiling) => {
    begin(spoiling, () => spoiling.response.socket?.resetAndDestroy());
  },
  'close-mid-stream': (spoiling) => {
    begin(spoiling, () => spoiling.response.socket?.destroy());
  },
  'stall-before-headers': ({ response, timers }) => {
    closeLater(response, timers);
  },
  'stall-in-body': (spoiling) => {
    begin(spoiling, () => closeLater(spoiling.response, spoiling.timers));
  },
  'keep-alive-only': ({ response, timers }) => {
    response.writeHead(200, SSE);
    const beat = (left: number): void => {
      if (left === 0 || response.destroyed) response.destroy();
      else response.write(': keep-alive\n\n', () => timers.after(50, () => beat(left - 1)));
    };
    beat(MAX_OPEN_MS / 50);
  },
  'length-too-long': ({ response, dialect, turn }) => {
    const body = dialect.frames(turn).join('');
    response.writeHead(200, { ...SSE, 'content-length': Buffer.byteLength(body) + 100 });
    response.write(body, () => response.socket?.end());
  },
  'bad-chunk': ({ response }) => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
    response.socket?.end(`${head}transfer-encoding: chunked\r\n\r\nnot-a-number\r\nx\r\n`);
  },
};

/** All ends well for the connection, and yet there is no answer. */
const PROTOCOL: Readonly<Record<string, Spoil>> = {
  'end-without-marker': (spoiling) => begin(spoiling, () => spoiling.response.end()),
  'truncated-json': (spoiling) => {
    begin(spoiling, () => spoiling.response.end('data: {"choices":[{"delta":{"con'));
  },
  'html-with-200': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(HTML);
  },
  'wrong-type': ({ response, dialect, turn }) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(dialect.frames(turn).join(''));
  },
  'empty-body': ({ response }) => {
    response.writeHead(200, SSE).end();
  },
  'gzip-bomb': ({ response }) => {
    bomb ??= gzipSync(Buffer.alloc(BOMB_BYTES, 'data: x\n\n'));
    response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' }).end(bomb);
  },
  'endless-stream': (spoiling) => {
    const { response, dialect, turn } = spoiling;
    const many = dialect.frames({ ...turn, text: 'and so on '.repeat(200) }).slice(1, -3);
    const block = many.join('').repeat(20);
    response.writeHead(200, SSE);
    const more = (): void => {
      if (!response.destroyed) response.write(block, () => spoiling.timers.nextTurn(more));
    };
    more();
  },
  'endless-arguments': ({ response, dialect, turn, timers }) => {
    const toolCalls = [{ id: 'call-0', name: 'read_file', input: ARGUMENT.repeat(100) }];
    const frames = dialect.frames({ ...turn, text: '', toolCalls });
    const deltas = frames.filter((frame) => frame.includes(ARGUMENT));
    response.writeHead(200, SSE);
    response.write(frames.slice(0, frames.indexOf(deltas[0] ?? '')).join(''));
    const more = (): void => {
      if (!response.destroyed) response.write(deltas.join(''), () => timers.nextTurn(more));
    };
    more();
  },
};

const DAMAGES: Readonly<Record<string, (turn: FullTurn) => FullTurn>> = {
  'tool-arguments-broken': withCalls([{ name: 'read_file', input: '{"path": "a' }]),
  'tool-unknown': withCalls([{ name: 'launch_rockets', input: {} }]),
  'tool-ids-equal': (turn) => ({
    ...turn,
    toolCalls: ['a', 'b'].map((path) => ({ id: 'same', name: 'read_file', input: { path } })),
  }),
  'tool-id-empty': (turn) => ({
    ...turn,
    toolCalls: [{ id: '', name: 'read_file', input: { path: 'a' } }],
  }),
  'tool-flood': withCalls(Array.from({ length: 10_000 }, () => ({ name: 'read_file', input: {} }))),
  'tool-arguments-huge': withCalls([{ name: 'read_file', input: { path: 'x'.repeat(2 ** 20) } }]),
  'tool-arguments-proto': withCalls([{ name: 'read_file', input: '{"__proto__": {"x": 1}}' }]),
  'usage-negative': (turn) => ({
    ...turn,
    usage: { ...turn.usage, uncached: -1_000_000, output: -1_000_000 },
  }),
};

/** Damage to the bytes of a sound answer. */
const REWRITES: Readonly<Record<string, (frames: string) => string>> = {
  'usage-missing': (frames) =>
    frames.replaceAll(/"usage":\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, '"usage":null'),
  'usage-nan': (frames) =>
    frames.replaceAll(
      /"(prompt_tokens|input_tokens|output_tokens|completion_tokens)":\d+/g,
      '"$1":"NaN"',
    ),
};

/** Every fault by its name. */
export const FAULTS: readonly string[] = [
  ...Object.keys(REFUSALS),
  ...Object.keys(CONNECTIONS),
  ...Object.keys(PROTOCOL),
  ...Object.keys(DAMAGES),
  ...Object.keys(REWRITES),
];

/** @throws {Error} for a fault that is not known: a mistake of the script. */
export function spoil(fault: string, spoiling: Spoiling): void {
  const act = REFUSALS[fault] ?? CONNECTIONS[fault] ?? PROTOCOL[fault];
  if (act !== undefined) {
    act(spoiling);
    return;
  }
  const { response, dialect, turn } = spoiling;
  const damage = DAMAGES[fault];
  const rewrite = REWRITES[fault];
  if (damage === undefined && rewrite === undefined) throw new Error(`no fault ${fault}`);
  const body = dialect.frames(damage?.(turn) ?? turn).join('');
  deliver(spoiling, Buffer.from(rewrite?.(body) ?? body), () => response.end());
}

function refuse(status: number, headers: Readonly<Record<string, string>>): Spoil {
  return ({ response }) => {
    const error = {
      type: `error_${status}`,
      message: STATUS_CODES[status] ?? `refused with ${status}`,
    };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error }));
  };
}

/** Events at the end of an answer that make it one. */
const END_EVENTS = 4;

/** Sends some of the answer, cut at any byte and never to its end, then goes on with `then`. */
function begin(spoiling: Spoiling, then: () => void): void {
  const { dialect, turn, chance } = spoiling;
  const frames = dialect.frames(turn);
  const most = Buffer.from(frames.slice(0, Math.max(1, frames.length - END_EVENTS)).join(''));
  deliver(spoiling, most.subarray(0, 1 + Math.floor(chance() * (most.length - 1))), then);
}

const MAX_PIECES = 8;
const MAX_GAP_MS = 4;

/** In pieces of chance, with gaps of chance between them. */
function deliver(
  { response, timers, chance }: Spoiling,
  bytes: Uint8Array,
  then: () => void,
): void {
  const pieceBytes = Math.ceil(bytes.length / (1 + Math.floor(chance() * MAX_PIECES)));
  const send = (at: number): void => {
    if (response.destroyed) return;
    if (at >= bytes.length) {
      then();
      return;
    }
    response.write(bytes.subarray(at, at + pieceBytes), () => {
      timers.after(Math.floor(chance() * MAX_GAP_MS), () => send(at + pieceBytes));
    });
  };
  response.writeHead(200, SSE);
  send(0);
}

function closeLater(response: ServerResponse, timers: Timers): void {
  const timer = timers.after(MAX_OPEN_MS, () => response.destroy());
  response.once('close', () => timer.cancel());
}

function withCalls(
  calls: readonly {
    readonly name: string;
    readonly input: FullTurn['toolCalls'][number]['input'];
  }[],
): (turn: FullTurn) => FullTurn {
  const toolCalls = calls.map((call, index) => ({ id: `call-${index}`, ...call }));
  return (turn) => ({ ...turn, toolCalls });
}
