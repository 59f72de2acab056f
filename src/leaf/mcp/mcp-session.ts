/**
 * One connection to a server of tools, through the official SDK. Only two of its questions are asked: what
 * tools there are, and what one of them says. The server may ask nothing: no samples, no roots, no forms.
 */
import {
  Client,
  type JsonSchemaValidator,
  type Tool,
  type Transport,
} from '@modelcontextprotocol/client';
import type { JsonObject } from '../../base/json.ts';
import { VERSION } from '../../base/version.ts';
import type { ProcessRequest, Sandbox } from '../../sandbox/sandbox.ts';
import { makeAjv } from '../../workflow/load-ajv.ts';
import type { McpServer, McpSession, ServerAnswer, ToolDefinition } from '../mcp-server.ts';
import { latestText } from '../runners/stream-text.ts';
import { httpPipe } from './http-pipe.ts';
import { type PipeParts, ProcessPipe } from './process-pipe.ts';
import { answerText, type RawAnswer } from './result-text.ts';

export interface SessionParts {
  readonly server: McpServer;
  readonly sandbox: Sandbox;
  /** Where its process runs; `argv` and what it may reach are the server’s. */
  readonly place: Omit<ProcessRequest, 'argv' | 'timeoutMs' | 'maxOutputBytes'>;
  readonly onNote?: (chunk: Uint8Array) => void;
}

const MAX_NOTE_BYTES = 4 * 1024;
const MAX_PAGES = 100;
const MAX_TOOLS = 5_000;
/** A process that knows only older revisions of the protocol may leave the question for newer ones open. */
const PROBE_MS = 5_000;

/** @throws {Error} where it cannot be reached, or does not speak the protocol. */
export async function openMcpSession(
  parts: SessionParts,
  signal: AbortSignal,
): Promise<McpSession> {
  if (parts.server.reach.type === 'http') return connected(parts, 'auto', signal);
  try {
    return await connected(parts, 'auto', signal);
  } catch (thrown) {
    signal.throwIfAborted();
    // Some end when they are asked anything before the greeting that they know.
    if (!(thrown instanceof EndedEarly)) throw thrown;
    return connected(parts, 'legacy', signal);
  }
}

/** The process ended before it had said anything that could be used. */
class EndedEarly extends Error {}

async function connected(
  parts: SessionParts,
  mode: 'auto' | 'legacy',
  signal: AbortSignal,
): Promise<McpSession> {
  const session = new Session(parts, mode);
  try {
    await session.connect(signal);
    return session;
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
}

class Session implements McpSession {
  readonly #parts: SessionParts;
  readonly #client: Client;
  readonly #pipe: Transport;
  #notes: Uint8Array = new Uint8Array();
  #hasChanged = false;

  constructor(parts: SessionParts, mode: 'auto' | 'legacy') {
    this.#parts = parts;
    this.#client = new Client(
      { name: 'whaleflow', version: VERSION },
      {
        capabilities: {},
        // Its own would compile what strangers write, patterns and all.
        jsonSchemaValidator: { getValidator },
        versionNegotiation:
          mode === 'auto' ? { mode, probe: { timeoutMs: PROBE_MS } } : { mode: 'legacy' },
        inputRequired: { autoFulfill: false },
      },
    );
    this.#client.setNotificationHandler('notifications/tools/list_changed', () => {
      this.#hasChanged = true;
    });
    this.#client.onerror = () => {};
    this.#pipe = pipeTo(parts, (chunk) => this.#note(chunk));
  }

  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  takeNotes(): string {
    const text = latestText(this.#notes, MAX_NOTE_BYTES);
    this.#notes = new Uint8Array();
    return text;
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { startTimeoutMs: timeout } = this.#parts.server;
    await this.#named(() => this.#client.connect(this.#pipe, { timeout, signal }), EndedEarly);
  }

  async list(signal: AbortSignal): Promise<readonly ToolDefinition[]> {
    this.#hasChanged = false;
    const { startTimeoutMs: timeout } = this.#parts.server;
    const found: ToolDefinition[] = [];
    let cursor: string | undefined;
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const { tools, nextCursor } = await this.#named(() =>
        this.#client.request({ method: 'tools/list', params }, { timeout, signal }),
      );
      found.push(...tools.map(toDefinition));
      if (found.length > MAX_TOOLS) throw new Error(`it offers more than ${MAX_TOOLS} tools`);
      if (nextCursor === undefined || nextCursor === '') return withoutTwins(found);
      cursor = nextCursor;
    }
    throw new Error(`its list of tools has more than ${MAX_PAGES} pages`);
  }

  async call(tool: ToolDefinition, input: JsonObject, signal: AbortSignal): Promise<ServerAnswer> {
    const { callTimeoutMs: timeout } = this.#parts.server;
    const answer = await this.#named(() =>
      this.#client.callTool(
        { name: tool.name, arguments: input },
        { timeout, maxTotalTimeout: timeout, signal, toolDefinition: toTool(tool) },
      ),
    );
    return answerText(answer as unknown as RawAnswer, tool.name);
  }

  async close(): Promise<void> {
    await this.#client.close().catch(() => {});
    await this.#pipe.close().catch(() => {});
  }

  #note(chunk: Uint8Array): void {
    const all = Buffer.concat([this.#notes, chunk]);
    this.#notes = Uint8Array.from(all.subarray(-MAX_NOTE_BYTES));
    this.#parts.onNote?.(chunk);
  }

  /** With what is known of the process in place of that its pipe is closed. */
  async #named<T>(ask: () => Promise<T>, Ended: ErrorType = Error): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      const problem = this.#pipe instanceof ProcessPipe ? this.#pipe.problem : undefined;
      if (problem === undefined) throw thrown;
      throw new Ended(problem, { cause: thrown });
    }
  }
}

function pipeTo({ server, sandbox, place }: SessionParts, onNote: PipeParts['onNote']): Transport {
  const { reach } = server;
  if (reach.type === 'http') return httpPipe(reach);
  const process = {
    ...place,
    argv: reach.argv,
    env: { ...place.env, ...reach.env },
    readable: [...(place.readable ?? []), ...reach.readable],
    writable: [...place.writable, ...reach.writable],
  };
  return new ProcessPipe({ sandbox, process, onNote });
}

function toDefinition(tool: Tool): ToolDefinition {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    input: inputSchema as JsonObject,
    ...(outputSchema === undefined ? {} : { output: outputSchema as JsonObject }),
    ...(annotations === undefined ? {} : { annotations: annotations as JsonObject }),
  };
}

function toTool({ name, input, output }: ToolDefinition): Tool {
  return {
    name,
    inputSchema: input as Tool['inputSchema'],
    ...(output === undefined ? {} : { outputSchema: output as NonNullable<Tool['outputSchema']> }),
  };
}

/** Of two of one name nobody could say which was accepted. */
function withoutTwins(tools: readonly ToolDefinition[]): readonly ToolDefinition[] {
  const seen = new Set<string>();
  for (const { name } of tools) {
    if (seen.has(name)) throw new Error('it offers two tools of one name');
    seen.add(name);
  }
  return tools;
}

type ErrorType = new (message: string, options: ErrorOptions) => Error;

function getValidator<T>(schema: unknown): JsonSchemaValidator<T> {
  const validate = makeAjv({ strict: false }).compile(schema as JsonObject);
  return (input) => {
    const data = input as T;
    if (validate(data)) return { valid: true, data, errorMessage: undefined };
    const [error] = validate.errors ?? [];
    const errorMessage = `${error?.instancePath ?? ''} ${error?.message ?? 'does not fit'}`.trim();
    return { valid: false, data: undefined, errorMessage };
  };
}
