/** Where an agent runs and what of the world it sees: its tree, its home, and what its owner opened. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProcessRequest } from '../../../sandbox/sandbox.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import type { LeafJob } from '../../leaf-job.ts';
import {
  commandEnvironment,
  type HostEnvironment,
  locationFree,
  privateHome,
} from '../command-place.ts';
import { grantedVariables } from '../granted-variables.ts';
import { writableFolders } from '../writable-folders.ts';
import type { ExternalAgent } from './external-agent.ts';

export interface AgentPlace {
  /** All of the request but what the protocol says. */
  readonly process: Omit<ProcessRequest, 'argv' | 'timeoutMs' | 'maxOutputBytes'>;
  /** The environment of commands that it has us run: without what was set for itself. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** The same text wherever it ran. */
  readonly toShown: (text: string) => string;
  /** A file that it can read, and not change, and that is gone with it. Gives its path. */
  hand(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

export interface PlaceParts {
  readonly environment: HostEnvironment;
  readonly temporaryFolder: string;
  /** The tree’s root, links followed. */
  readonly base: string;
  /** A strict sandbox holds it. */
  readonly isConfined: boolean;
}

export async function openAgentPlace(
  job: LeafJob<ExternalTask>,
  agent: ExternalAgent,
  { environment, temporaryFolder, base, isConfined }: PlaceParts,
): Promise<AgentPlace> {
  const { permissions } = job.node;
  const own = await privateHome(temporaryFolder);
  const writable = await writableFolders(job, base);
  const home = agent.home ?? own.home;
  const kept = await Promise.all(
    Object.entries(agent.homeFiles ?? {}).map(async ([path, text]) => {
      const file = join(own.home, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    }),
  );
  const given = join(dirname(own.home), 'given');
  await mkdir(given);
  const command = commandEnvironment(environment, grantedVariables(job, environment), own);
  return {
    commandEnvironment: command,
    process: {
      root: base,
      cwd: base,
      env: { ...command, HOME: home, ...agent.env, ...(isConfined ? agent.confinedEnv : {}) },
      readable: [...agent.readable, given],
      writable: [...writable, ...agent.writable],
      scratch: [own.home, own.temporary],
      kept,
      network: permissions.network,
    },
    toShown: (text) => locationFree(text, base, own),
    async hand(name, text) {
      const path = join(given, name);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
    close: () => own.close(),
  };
}
