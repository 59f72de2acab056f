/** The demo’s models for as long as one process drives: nothing is loaded or listens before the first call. */
import type { ScriptedServer } from '../../model/scripted-server/scripted-server.ts';
import type { Timers } from '../../system/clock.ts';

export interface OwnServer {
  /** Base URL of the OpenAI dialect. Rejects where nothing can listen on 127.0.0.1. */
  baseUrl(): Promise<string>;
  /** Never rejects; connections end too. */
  close(): Promise<void>;
}

export function ownServer(timers: Timers): OwnServer {
  let started: Promise<ScriptedServer> | undefined;
  return {
    async baseUrl() {
      started ??= import('./demo-server.ts').then(({ startDemoServer }) => startDemoServer(timers));
      return `${(await started).url}/v1`;
    },
    async close() {
      const server = await started?.catch(() => undefined);
      await server?.close();
    },
  };
}
