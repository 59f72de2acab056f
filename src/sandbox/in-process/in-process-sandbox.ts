/** For runs that start no process: whoever tries to is told so, and nothing is started. */
import type { Sandbox, StreamOutput } from '../sandbox.ts';

const NOTHING: StreamOutput = { head: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0 };

export const inProcessSandbox: Sandbox = {
  level: 'in-process',
  run: async (_request, signal) => ({
    pid: undefined,
    exitCode: null,
    signal: null,
    timedOut: false,
    aborted: signal.aborted,
    spawnError: 'this run starts no processes',
    stdout: NOTHING,
    stderr: NOTHING,
    durationMs: 0,
  }),
};
