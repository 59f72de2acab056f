/** An agent whose model calls go through us: what it is told in place of an address and a key. */

import type { Exchange } from '../../../model/forward-exchange.ts';
import type { ModelRoute } from '../../../model/model-provider.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import type { ModelCalls } from '../../call/call-chain.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { ExternalAgent } from './external-agent.ts';
import { type ModelProxy, modelProxy } from './proxy/model-proxy.ts';
import { relaySandbox } from './relay/relay-sandbox.ts';

/** The way from an agent to the models of its leaf. */
export interface ModelLine {
  readonly calls: ModelCalls;
  readonly route: (exchange: Exchange) => ModelRoute | undefined;
  /** The model that is asked first, by the name that it has with its provider. */
  readonly model: string;
}

export interface LineParts {
  /** Undefined where no model is configured for the role of the leaf. */
  readonly open: (job: LeafJob<ExternalTask>, host: LeafHost) => Promise<ModelLine | undefined>;
  /** New each time, and nobody’s guess. */
  readonly newToken: () => string;
  /** The program of `relay/agent-relay.ts`, absolute. */
  readonly relay: string;
  /** Node, absolute. */
  readonly node: string;
}

export interface ProxiedAgent {
  readonly agent: ExternalAgent;
  /** Where it is started. */
  readonly sandbox: Sandbox;
  readonly proxy: ModelProxy;
}

/** Undefined where there is no model to lead it to. */
export async function proxiedAgent(
  job: LeafJob<ExternalTask>,
  agent: ExternalAgent,
  {
    world,
    line,
    signal,
  }: {
    readonly world: { readonly sandbox: Sandbox; readonly host: LeafHost };
    readonly line: LineParts;
    readonly signal: AbortSignal;
  },
): Promise<ProxiedAgent | undefined> {
  const opened = await line.open(job, world.host);
  if (opened === undefined) return undefined;
  const token = line.newToken();
  const { maxOutputTokens } = job.node.modelPolicy;
  const proxy = modelProxy({
    ...opened,
    token,
    signal,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  });
  const filled = (text: string): string =>
    text.replaceAll('{token}', token).replaceAll('{model}', opened.model);
  const env = Object.entries(agent.proxyEnv ?? {}).map(([name, text]) => [name, filled(text)]);
  return {
    agent: { ...agent, argv: agent.argv.map(filled) },
    sandbox: relaySandbox(world.sandbox, {
      script: line.relay,
      node: line.node,
      env: Object.fromEntries(env) as Readonly<Record<string, string>>,
      accept: (connection) => proxy.accept(connection),
    }),
    proxy,
  };
}
