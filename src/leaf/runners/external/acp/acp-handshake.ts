/** The beginning of a talk with an agent, and no more: whether it starts, who it is, and whether it lets us in. */
import { client, methods, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import { VERSION } from '../../../../base/version.ts';
import type { ProcessRequest, Sandbox } from '../../../../sandbox/sandbox.ts';
import { messageOf } from '../../../failure.ts';
import { tailText } from '../../stream-text.ts';
import { acpPipe } from './acp-stream.ts';

export interface Handshake {
  /** `NAME VERSION`, as far as it says so. */
  readonly agent: string;
  readonly protocolVersion: number;
  /** Ways to sign in that it offers: `ID (NAME)`. */
  readonly ways: readonly string[];
  /** Why no session was opened; undefined where one was. */
  readonly refused?: string;
}

export interface HandshakeParts {
  readonly sandbox: Sandbox;
  /** All of the request but its input and what hears it. */
  readonly process: Omit<ProcessRequest, 'input' | 'stdin' | 'onOutput'>;
  /** How it signs in, by the id of one of its ways. */
  readonly auth?: string;
}

const SAID_BYTES = 1_000;

/** The time of the process is its limit. */
export async function acpHandshake(
  { sandbox, process, auth }: HandshakeParts,
  signal: AbortSignal,
): Promise<Handshake | { readonly problem: string }> {
  const pipe = acpPipe(() => {});
  const done = new AbortController();
  const running = sandbox
    .run(
      {
        ...process,
        input: pipe.input,
        onOutput: (stream, chunk) => {
          if (stream === 'stdout' && !pipe.hear(chunk)) done.abort();
        },
      },
      AbortSignal.any([signal, done.signal]),
    )
    .then((report) => {
      pipe.end();
      return report;
    });
  const connection = client({ name: 'whaleflow' }).connect(pipe.stream);
  try {
    const { agent } = connection;
    const said = await agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientInfo: { name: 'whaleflow', version: VERSION },
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: false } },
    });
    const { name = 'unnamed', version = '' } = said.agentInfo ?? {};
    const ways = (said.authMethods ?? []).map((way) => `${way.id} (${way.name})`);
    const refused = await openSession(agent, process.cwd, auth);
    return {
      agent: `${name} ${version}`.trim(),
      protocolVersion: said.protocolVersion,
      ways,
      ...(refused === undefined ? {} : { refused }),
    };
  } catch (thrown) {
    done.abort();
    const { spawnError, stderr, timedOut } = await running;
    const words = tailText(stderr, SAID_BYTES).trim();
    if (spawnError !== undefined) return { problem: spawnError };
    if (pipe.problem !== undefined) return { problem: `it sent ${pipe.problem}` };
    if (timedOut) return { problem: `it was not ready after ${process.timeoutMs / 1000} s` };
    return { problem: words === '' ? messageOf(thrown) : words };
  } finally {
    done.abort();
    connection.close();
    await running;
  }
}

type Remote = ReturnType<ReturnType<typeof client>['connect']>['agent'];

/** Why not; undefined where it is open. */
async function openSession(
  agent: Remote,
  cwd: string,
  methodId: string | undefined,
): Promise<string | undefined> {
  try {
    if (methodId !== undefined) await agent.request(methods.agent.authenticate, { methodId });
    await agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
    return undefined;
  } catch (thrown) {
    if (typeof (thrown as { readonly code?: unknown }).code !== 'number') throw thrown;
    return messageOf(thrown);
  }
}
