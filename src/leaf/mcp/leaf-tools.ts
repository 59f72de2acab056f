/**
 * The tools of servers for one attempt of an agent. A server is reached when the first of its tools is
 * called, held against what was accepted, and ended with the attempt. What is wrong with it is told to the
 * model; only tools that are others now end the leaf, since nobody but a person can say what that means.
 */
import { realpathSync } from 'node:fs';
import type { Json, JsonObject } from '../../base/json.ts';
import { printable, printableLines } from '../../base/printable.ts';
import { type CommandAnswer, capped, refused, type Tool } from '../../tool/tool.ts';
import type { Failure } from '../../trace/outcome.ts';
import { mayUseOutside } from '../../workflow/outside-tool.ts';
import type { AgentTask } from '../../workflow/task.ts';
import { failure, messageOf } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { RunnerWorld } from '../leaf-runner.ts';
import type { McpServer, McpSession } from '../mcp-server.ts';
import { checkOutput } from '../output-schema.ts';
import type { OpenedTools, ToolSource } from '../runners/agent/tool-source.ts';
import {
  commandEnvironment,
  type HostEnvironment,
  locationFree,
  type PrivateHome,
  privateHome,
} from '../runners/command-place.ts';
import { latestText } from '../runners/stream-text.ts';
import { writableFolders } from '../runners/writable-folders.ts';
import type { AcceptedTool, AcceptedTools } from './accepted-tool.ts';
import { openMcpSession } from './mcp-session.ts';
import { shownDescription, shownSchema } from './shown-definition.ts';
import { listChanges } from './tool-definition.ts';

export interface LeafToolsParts {
  readonly accepted: AcceptedTools;
  readonly environment: HostEnvironment;
  readonly temporaryFolder: string;
}

type Job = LeafJob<AgentTask>;
type World = RunnerWorld & { readonly root: string };

/** A server that keeps ending is not started without end. */
const MAX_STARTS = 3;
const MAX_LIVE_BYTES = 8 * 1024;
const MAX_SAID = 2_000;

export function leafTools(parts: LeafToolsParts): ToolSource {
  return {
    async open(job, world) {
      const names = parts.accepted.names.filter((name) => mayUseOutside(job.node, name));
      const found = parts.accepted.of(names);
      if ('kind' in found) return { failure: found };
      return openTools(found, { job, world, parts });
    },
  };
}

interface Place {
  readonly job: Job;
  readonly world: World;
  readonly parts: LeafToolsParts;
}

function openTools(accepted: readonly AcceptedTool[], place: Place): OpenedTools {
  const servers = new Map<string, LeafServer>();
  for (const { server } of accepted) {
    const all = accepted.filter((one) => one.server.name === server.name);
    if (!servers.has(server.name)) servers.set(server.name, new LeafServer(server, all, place));
  }
  return {
    tools: accepted.flatMap((one) => {
      const server = servers.get(one.server.name);
      return server === undefined ? [] : [toTool(one, server)];
    }),
    async close() {
      await Promise.all(Array.from(servers.values(), (server) => server.close()));
    },
  };
}

function toTool({ name, definition, digest, server }: AcceptedTool, of: LeafServer): Tool {
  return {
    name,
    description: shownDescription(server.name, definition),
    input: shownSchema(definition),
    // What it does to the tree is held against the rights of the leaf when it is kept.
    changesFiles: false,
    reachesOut: true,
    from: { server: server.name, definition: digest },
    misfit(input) {
      const wrong = checkOutput(definition.input, input as Json)?.message;
      return wrong?.replace('the output', 'the input').replace('output field', 'input field');
    },
    call: (input, _world, signal) => of.call(definition.name, input as JsonObject, signal),
  };
}

/** The tools of a server are others now. */
class Changed extends Error {
  readonly failure: Failure;
  constructor(why: Failure) {
    super(why.message);
    this.failure = why;
  }
}

class LeafServer {
  readonly #server: McpServer;
  readonly #accepted: readonly AcceptedTool[];
  readonly #place: Place;
  #session: Promise<McpSession> | undefined;
  #home: Promise<PrivateHome> | undefined;
  #starts = 0;

  constructor(server: McpServer, accepted: readonly AcceptedTool[], place: Place) {
    this.#server = server;
    this.#accepted = accepted;
    this.#place = place;
  }

  async call(name: string, input: JsonObject, signal: AbortSignal): Promise<CommandAnswer> {
    const { name: server, reach } = this.#server;
    const { job } = this.#place;
    const tool = this.#accepted.find(({ definition }) => definition.name === name);
    if (tool === undefined) return refused(`the server ${server} has no tool ${name}`);
    let session: McpSession | undefined;
    let answer: CommandAnswer;
    try {
      session = await this.#connected(signal);
      if (session.hasChanged) await this.#check(session, signal);
      answer = await session.call(tool.definition, input, signal);
    } catch (thrown) {
      if (thrown instanceof Changed) {
        answer = { ...refused(thrown.message), end: thrown.failure };
      } else answer = refused(this.#said(`the MCP server ${server} failed: ${messageOf(thrown)}`));
      await this.#drop();
    }
    const notes = await this.#shown(session?.takeNotes() ?? '');
    const mayTouch = reach.type === 'process' && job.node.mode === 'read_write';
    return {
      ...answer,
      text: await this.#shown(answer.text),
      ...(notes === '' ? {} : { notes }),
      ...(mayTouch ? { touched: 'any' } : {}),
    };
  }

  async close(): Promise<void> {
    await this.#drop();
    const home = await this.#home?.catch(() => undefined);
    await home?.close();
  }

  /** The next call begins with a new one. */
  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.then((one) => one.close()).catch(() => {});
  }

  async #connected(signal: AbortSignal): Promise<McpSession> {
    if (this.#session === undefined) {
      if (this.#starts >= MAX_STARTS) throw new Error(`it was started ${MAX_STARTS} times already`);
      this.#starts += 1;
      this.#session = this.#open(signal);
    }
    return this.#session;
  }

  async #open(signal: AbortSignal): Promise<McpSession> {
    const { job, world, parts } = this.#place;
    const { sandbox, host } = world;
    this.#home ??= privateHome(parts.temporaryFolder);
    const home = await this.#home;
    const root = realpathSync(world.root);
    host.live({ kind: 'starts a server', text: this.#server.name });
    const session = await openMcpSession(
      {
        server: this.#server,
        sandbox,
        place: {
          root,
          cwd: root,
          // What the workflow may see of the environment is for its commands; a server has a list of its own.
          env: commandEnvironment(parts.environment, [], home),
          writable: await writableFolders(job, root),
          scratch: [home.home, home.temporary],
          network: job.node.permissions.network,
        },
        onNote: (chunk) => host.live({ kind: 'output', text: latestText(chunk, MAX_LIVE_BYTES) }),
      },
      signal,
    );
    try {
      await this.#check(session, signal);
      return session;
    } catch (thrown) {
      await session.close();
      throw thrown;
    }
  }

  /** Holds what it offers against what was accepted. @throws {Changed} */
  async #check(session: McpSession, signal: AbortSignal): Promise<void> {
    const { name } = this.#server;
    const offered = await session.list(signal);
    const changes = listChanges(
      this.#accepted.map(({ definition }) => definition),
      offered,
    );
    if (changes.length === 0) return;
    const lines = capped(changes.join('\n'), MAX_SAID);
    const message = `the tools of the MCP server ${name} are not those that were accepted:\n${lines}\nlook at them and accept them: whaleflow mcp pin ${name}`;
    throw new Changed(failure('permission', message));
  }

  #said(text: string): string {
    return capped(printable(text), MAX_SAID);
  }

  /** The same wherever it ran, and printable. */
  async #shown(text: string): Promise<string> {
    if (text === '') return text;
    const home = await this.#home?.catch(() => undefined);
    const root = realpathSync(this.#place.world.root);
    const free = home === undefined ? text : locationFree(text, root, home);
    return printableLines(free.toWellFormed());
  }
}
