/** Servers that a test needs beside it, each a process of its own. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptedTurn } from '../../src/model/scripted-server/dialect.ts';
import { wholeLines } from './whole-lines.ts';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
}

/** Starts a program below `test/` that prints its address and ends with its stdin. */
export async function startServer(
  program: string,
  ...words: readonly string[]
): Promise<ServerProcess> {
  const file = join(import.meta.dirname, '..', program);
  const child = spawn(process.execPath, [file, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (status) => reject(new Error(`${program} ended with ${status}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** What each model says, turn by turn. */
export type ModelScript = Readonly<Record<string, readonly ScriptedTurn[]>>;

export interface AskedModel {
  readonly model: string;
  readonly dialect: string;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
}

export interface ModelServer extends ServerProcess {
  /** What is said from now on. */
  say(script: ModelScript): void;
  /** What it was asked so far. */
  asked(): readonly AskedModel[];
}

/** Starts a scripted model server; what it says and what it was asked are files of `folder`. */
export async function startModelServer(folder: string, script: ModelScript): Promise<ModelServer> {
  const [said, asked] = [join(folder, 'script.json'), join(folder, 'asked')];
  const say = (now: ModelScript): void => writeFileSync(said, JSON.stringify(now));
  say(script);
  const server = await startServer('process/model-server.ts', said, asked);
  return {
    ...server,
    say,
    asked: () => wholeLines(asked).map((line) => JSON.parse(line) as AskedModel),
  };
}
