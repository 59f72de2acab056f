/**
 * An attempt that goes on with the record of those before it: what it asks and does is answered from there,
 * in order, for as long as it asks and does the same; from then on it is live. The leaf need not know. The
 * files of its tree are what the last thing that was taken left behind.
 */
import type { Json } from '../base/json.ts';
import type { Fact, KeptFiles } from '../trace/events.ts';
import type { ModelAnswer } from './call/model-answer.ts';
import { messageOf } from './failure.ts';
import { firstDifference } from './first-difference.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';
import type { LeafTree } from './leaf-tree.ts';
import { countWork, type PastEntry, type PastResult } from './past-work.ts';

export interface ToolPlace {
  /** The model call that asked for it, from 1. */
  readonly call: number;
  /** Its place among the calls of that answer, from 0. */
  readonly index: number;
}

export interface ToolRequest extends ToolPlace {
  readonly tool: string;
  /** Digest of its input as the model wrote it. */
  readonly input: string;
}

interface Parts {
  readonly job: LeafJob;
  readonly host: LeafHost;
  readonly tree: LeafTree | undefined;
}

export class Continuation {
  readonly #parts: Parts;
  #entries: readonly PastEntry[];
  #taken = 0;
  #files: KeptFiles | undefined;
  #dropped: { readonly entries: readonly PastEntry[]; readonly because: string } | undefined;
  #isTold: boolean;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#entries = parts.job.past ?? [];
    this.#isTold = this.#entries.length === 0;
  }

  /** What came from the record has been told: all else is live. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** Nothing is taken from the record any more. */
  get isLive(): boolean {
    return this.#taken === this.#entries.length;
  }

  /** Sets the tree to the last that is recorded; without it there is nothing to go on from. */
  async begin(signal: AbortSignal): Promise<void> {
    const files = lastFiles(this.#entries);
    if (files === undefined) return;
    try {
      await this.#parts.tree?.restore(files.base, files.commit, signal);
      this.#files = files;
    } catch (thrown) {
      signal.throwIfAborted();
      this.#drop(`the files that it had come to cannot be had again: ${messageOf(thrown)}`);
    }
  }

  /** At the end of an attempt that was not aborted: what it did not come to is no part of it. */
  async end(signal: AbortSignal): Promise<void> {
    if (!this.isLive) await this.#leaveRecord('it ended before that', signal);
    this.#tell();
  }

  /** The recorded answer of a call, if this is the request that was made. @param request its exact text. */
  async answer(
    call: number,
    request: string,
    signal: AbortSignal,
  ): Promise<ModelAnswer | undefined> {
    const entry = this.#entries[this.#taken];
    if (entry === undefined) return this.#tell();
    const { host } = this.#parts;
    if (entry.kind !== 'answer' || entry.call !== call) {
      await this.#leaveRecord('it takes another way now', signal);
      return this.#tell();
    }
    if (entry.request.digest !== host.digest(request, 'json')) {
      const then = parse(host.read(entry.request));
      const what = firstDifference(then, JSON.parse(request) as Json);
      await this.#leaveRecord(`its request ${call} is another one now: ${what}`, signal);
      return this.#tell();
    }
    this.#taken += 1;
    return parse(host.read(entry.response)) as unknown as ModelAnswer;
  }

  /** The recorded result of a tool, with the text that the model was told. */
  async result(
    request: ToolRequest,
    signal: AbortSignal,
  ): Promise<(PastResult & { readonly text: string }) | undefined> {
    const entry = this.#entries[this.#taken];
    if (entry === undefined) return this.#tell();
    const { host } = this.#parts;
    const isSame =
      entry.kind === 'result' &&
      entry.call === request.call &&
      entry.index === request.index &&
      entry.tool === request.tool &&
      entry.input.digest === request.input;
    if (!isSame) {
      await this.#leaveRecord('it takes another way now', signal);
      return this.#tell();
    }
    this.#taken += 1;
    return { ...entry, text: new TextDecoder().decode(host.read(entry.output)) };
  }

  /** Whether a lost attempt may have begun with this already: its answer, or what stood before it, is recorded. */
  mayRepeat({ call }: ToolPlace): boolean {
    return this.#entries[this.#taken - 1]?.call === call && this.isLive;
  }

  /** Says, once, what came from the record: with the first thing that does not, or at the end. */
  #tell(): undefined {
    if (this.#isTold) return;
    this.#isTold = true;
    const { job, host } = this.#parts;
    const { path, attempt } = job;
    const taken = countWork(this.#entries);
    const dropped = this.#dropped;
    const fact: Fact = {
      type: 'leaf.continued',
      path,
      attempt,
      ...taken,
      ...(dropped === undefined
        ? {}
        : { dropped: { ...countWork(dropped.entries), because: dropped.because } }),
    };
    void host.record(fact);
  }

  /** The tree goes back to where the last thing that was taken left it. */
  async #leaveRecord(because: string, signal: AbortSignal): Promise<void> {
    this.#drop(because);
    const files = lastFiles(this.#entries);
    const now = this.#files;
    this.#files = files;
    if (now === undefined || now.commit === files?.commit) return;
    await this.#parts.tree?.restore(now.commit, files?.commit ?? now.base, signal);
  }

  #drop(because: string): void {
    this.#dropped = { entries: this.#entries.slice(this.#taken), because };
    this.#entries = this.#entries.slice(0, this.#taken);
  }
}

function lastFiles(entries: readonly PastEntry[]): KeptFiles | undefined {
  return entries.findLast((entry): entry is PastResult => 'files' in entry)?.files;
}

const parse = (data: Uint8Array): Json => JSON.parse(new TextDecoder().decode(data)) as Json;
