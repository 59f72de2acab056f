/** Our side of the protocol: what an agent may ask of us, and what it gets. */
import { client, methods } from '@agentclientprotocol/sdk';
import type { JsonObject } from '../../../../base/json.ts';
import { printable } from '../../../../base/printable.ts';
import { canonicalJson } from '../../../../model/canonical-json.ts';
import type { ProcessReport } from '../../../../sandbox/sandbox.ts';
import { messageOf } from '../../../failure.ts';
import { writeRefusal } from '../../agent/agent-world.ts';
import type { Verified } from '../../agent/ran-command.ts';
import { commandRefusal } from '../../command-permit.ts';
import { folderBelow } from '../../command-place.ts';
import { textAt } from '../formats/report.ts';
import type { TurnReport } from '../turn-report.ts';
import { type AcpFiles, acpFiles } from './acp-files.ts';
import { judgePermission, placeIn, type Verdict } from './acp-permission.ts';
import type { AcpParts } from './acp-session.ts';
import { AcpTerminals, type TerminalOrder } from './acp-terminals.ts';

/** A person’s answer to a question of an agent; no answer is no. */
const QUESTION_LIMIT_MS = 600_000;
const MAX_QUESTION = 300;
const COMMAND_LIMIT_MS = 600_000;
const MAX_STREAM_BYTES = 1024 * 1024;

interface Option {
  readonly optionId: string;
  readonly kind: string;
}

type Outcome =
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'selected'; readonly optionId: string };

export class AcpClient {
  readonly #parts: AcpParts;
  readonly #files: AcpFiles;
  readonly #terminals: AcpTerminals;
  #turn: TurnReport | undefined;
  #signal: AbortSignal | undefined;
  #asked = 0;
  #questions: Promise<unknown> = Promise.resolve();

  constructor(parts: AcpParts) {
    const { job, place, files, world } = parts;
    const { root: base } = place.process;
    this.#parts = parts;
    this.#files = acpFiles({
      base,
      files: files(base),
      writeRefusal: (path) => writeRefusal(job, path),
    });
    this.#terminals = new AcpTerminals({
      refusal: (command) => commandRefusal(job, command, world.sandbox.level)?.message,
      run: (order, onOutput, signal) => this.#run(order, onOutput, signal),
      onEnd: (command, report, output) => this.#recordCommand(command, report, output),
    });
  }

  get verified(): readonly Verified[] {
    return this.#terminals.verified;
  }

  get capabilities(): {
    readonly fs: { readonly readTextFile: boolean; readonly writeTextFile: boolean };
    readonly terminal: boolean;
  } {
    const { job, agent } = this.#parts;
    const { mode, permissions } = job.node;
    const readTextFile = agent.protocol.type !== 'acp' || agent.protocol.hasOwnFiles !== true;
    const writeTextFile = readTextFile && mode === 'read_write';
    return { fs: { readTextFile, writeTextFile }, terminal: permissions.shell };
  }

  /** `signal`: of the turn; an agent that was told to stop gets no more leave. */
  begin(turn: TurnReport, signal: AbortSignal): void {
    this.#turn = turn;
    this.#signal = signal;
  }

  close(): Promise<void> {
    return this.#terminals.close();
  }

  app(): ReturnType<typeof client> {
    const terminals = this.#terminals;
    return client({ name: 'whaleflow' })
      .onRequest(methods.client.session.requestPermission, async ({ params }) => {
        const call = params.toolCall as unknown as JsonObject;
        return { outcome: await this.#permit(call, params.options) };
      })
      .onRequest(methods.client.fs.readTextFile, ({ params: { path, line, limit } }) => ({
        content: this.#files.read(path, {
          ...(typeof line === 'number' ? { line } : {}),
          ...(typeof limit === 'number' ? { limit } : {}),
        }),
      }))
      .onRequest(methods.client.fs.writeTextFile, ({ params }) => {
        this.#files.write(params.path, params.content);
        this.#record('fs/write_text_file', { path: params.path }, 'written');
        return {};
      })
      .onRequest(methods.client.terminal.create, ({ params }) => {
        const env = (params.env ?? []).map(({ name, value }) => [name, value] as const);
        const terminalId = terminals.create({
          command: params.command,
          args: params.args ?? [],
          env: Object.fromEntries(env),
          cwd: params.cwd ?? undefined,
          maxOutputBytes: params.outputByteLimit ?? MAX_STREAM_BYTES,
        });
        return { terminalId };
      })
      .onRequest(methods.client.terminal.output, ({ params }) => terminals.state(params.terminalId))
      .onRequest(methods.client.terminal.waitForExit, ({ params }) =>
        terminals.wait(params.terminalId),
      )
      .onRequest(methods.client.terminal.kill, ({ params }) => {
        terminals.kill(params.terminalId);
        return {};
      })
      .onRequest(methods.client.terminal.release, async ({ params }) => {
        await terminals.release(params.terminalId);
        return {};
      });
  }

  async #permit(call: JsonObject, options: readonly Option[]): Promise<Outcome> {
    const { job, place, world } = this.#parts;
    const { level } = world.sandbox;
    const verdict = judgePermission(job, call, { base: place.process.root, level });
    const why = await this.#answer(verdict);
    const isAllowed = why === undefined;
    const title = textAt(call, 'title') ?? textAt(call, 'kind') ?? 'something';
    this.#record('permission', { asks: title }, isAllowed ? 'allowed' : `refused: ${why}`);
    const kinds = isAllowed ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
    const chosen = kinds.flatMap((kind) => options.find((option) => option.kind === kind) ?? [])[0];
    if (chosen === undefined || this.#signal?.aborted === true) return { outcome: 'cancelled' };
    return { outcome: 'selected', optionId: chosen.optionId };
  }

  /** Why not; undefined for yes. */
  async #answer(verdict: Verdict): Promise<string | undefined> {
    switch (verdict.type) {
      case 'allow':
        return undefined;
      case 'deny':
        return verdict.why;
      case 'ask': {
        const { agent, world } = this.#parts;
        const message = printable(`agent ${agent.name} wants to ${verdict.what}`);
        const question = { message: message.slice(0, MAX_QUESTION), timeoutMs: QUESTION_LIMIT_MS };
        // One at a time: whoever is asked sees one question, and answers that.
        const asked = this.#questions.then(() => world.host.ask(question));
        this.#questions = asked.catch(() => {});
        try {
          const { approved, by, reason } = await asked;
          return approved ? undefined : `${by} said no${reason === undefined ? '' : `: ${reason}`}`;
        } catch (thrown) {
          return `nobody answered: ${messageOf(thrown)}`;
        }
      }
    }
  }

  async #run(
    { argv, env, cwd }: TerminalOrder & { readonly argv: readonly string[] },
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<ProcessReport> {
    const { place, world, timeLeftMs } = this.#parts;
    const { root } = place.process;
    const inside = cwd === undefined ? '' : placeIn(root, cwd);
    const folder = inside === undefined ? undefined : await folderBelow(root, inside);
    if (folder === undefined || 'failure' in folder) {
      return notStarted(`the folder ${cwd} is outside of the tree`);
    }
    return world.sandbox.run(
      {
        ...place.process,
        // What was handed to the agent for itself is none of its commands’ business.
        env: { ...place.commandEnvironment, ...env },
        cwd: folder.cwd,
        argv,
        timeoutMs: Math.max(1, Math.min(COMMAND_LIMIT_MS, timeLeftMs())),
        maxOutputBytes: MAX_STREAM_BYTES,
        onOutput: (_stream, chunk) => onOutput(chunk),
      },
      signal,
    );
  }

  /** It ran here: its status is seen, not told. */
  #recordCommand(command: string, { exitCode, durationMs }: ProcessReport, output: string): void {
    const { job, world, place } = this.#parts;
    const { host } = world;
    void host.record({
      type: 'tool.called',
      path: job.path,
      attempt: job.attempt,
      tool: 'terminal',
      input: host.keep(canonicalJson({ command: command.toWellFormed() }), 'json'),
      output: host.keep(place.toShown(output), 'text'),
      exitCode,
      latencyMs: Math.max(0, Math.round(durationMs)),
    });
  }

  #record(name: string, input: JsonObject, output: string): void {
    this.#asked += 1;
    this.#turn?.tool({ id: `whaleflow ${this.#asked}`, name, input, output });
  }
}

function notStarted(spawnError: string): ProcessReport {
  const nothing = { head: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0 };
  return {
    pid: undefined,
    exitCode: null,
    signal: null,
    timedOut: false,
    aborted: false,
    spawnError,
    stdout: nothing,
    stderr: nothing,
    durationMs: 0,
  };
}
