import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process that follows a run, and what it costs (Linux). */
export class Follower {
  readonly name: string;
  /** With the wall time of their arrival. */
  readonly lines: { readonly at: number; readonly text: string }[] = [];
  readonly #child: ChildProcess;
  #begun = { cpuMs: 0, at: 0 };
  #share = Number.NaN;

  constructor(name: string, words: readonly string[], folder: string) {
    this.name = name;
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(process.execPath, words, { cwd: folder, stdio: [...stdio] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#read(stream);
  }

  begin(): void {
    this.#begun = { cpuMs: this.#cpuMs(), at: performance.now() };
  }

  end(): void {
    this.#share = (this.#cpuMs() - this.#begun.cpuMs) / (performance.now() - this.#begun.at);
  }

  /** CPU time between `begin` and `end`, of one core: 0 to 1. */
  get cpuShare(): number {
    return this.#share;
  }

  /** Its exit status, or that it is still there and has said something since. */
  stateSince(at: number): string {
    const { exitCode } = this.#child;
    if (exitCode !== null) return `exit ${exitCode}`;
    return this.lines.some((line) => line.at > at) ? 'goes on' : 'silent';
  }

  stop(): void {
    this.#child.kill();
  }

  #read(stream: NodeJS.ReadableStream | null): void {
    let rest = '';
    stream?.on('data', (chunk: Buffer) => {
      const at = Date.now();
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) this.lines.push({ at, text });
    });
  }

  #cpuMs(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    const spentNs = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return spentNs.reduce((sum, ns) => sum + ns, 0) / 1e6;
  }
}
