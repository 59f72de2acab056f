/**
 * Calls of tools that an agent tells of, as facts. They are what it says: no exit status of theirs counts
 * as seen, and what it does not tell of is not here.
 */

import type { Json } from '../../../base/json.ts';
import { isJsonDeeper } from '../../../base/json-depth.ts';
import { printable } from '../../../base/printable.ts';
import { canonicalJson, wellFormed } from '../../../model/canonical-json.ts';
import type { Clock } from '../../../system/clock.ts';
import { capped } from '../../../tool/tool.ts';
import { failure } from '../../failure.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { ReportedTool } from './formats/report.ts';

/** Facts of one leaf; what is told beyond is counted only. */
const MAX_CALLS = 2_000;
const MAX_OPEN = 256;
const MAX_TEXT_BYTES = 64 * 1024;
const MAX_NAME = 64;

export interface ToolLogParts {
  readonly host: LeafHost;
  readonly clock: Clock;
  readonly toShown: (text: string) => string;
}

interface OpenCall extends ReportedTool {
  readonly since: number;
}

export class ToolLog {
  readonly #job: LeafJob;
  readonly #parts: ToolLogParts;
  readonly #open = new Map<string, OpenCall>();
  #count = 0;

  constructor(job: LeafJob, parts: ToolLogParts) {
    this.#job = job;
    this.#parts = parts;
  }

  /** Calls that have ended, recorded or not. */
  get count(): number {
    return this.#count;
  }

  /** Its beginning, its end, or both. */
  add(call: ReportedTool): void {
    const { host, clock } = this.#parts;
    const begun = this.#open.get(call.id);
    const known = { since: clock.monotonic(), ...begun, ...call };
    if (call.output === undefined) {
      if (begun === undefined) host.live({ kind: 'tool', text: nameOf(call) });
      if (begun !== undefined || this.#open.size < MAX_OPEN) this.#open.set(call.id, known);
      return;
    }
    this.#open.delete(call.id);
    this.#record(known);
  }

  /** What has begun and not ended by the end of the turn. */
  close(): void {
    for (const call of this.#open.values()) {
      this.#record({ ...call, output: '', failed: true });
    }
    this.#open.clear();
  }

  #record({ since, output = '', failed, input = {}, ...call }: OpenCall): void {
    this.#count += 1;
    if (this.#count > MAX_CALLS) return;
    const { path, attempt } = this.#job;
    const { host, clock, toShown } = this.#parts;
    const shown = (text: string): string => capped(toShown(text.toWellFormed()), MAX_TEXT_BYTES);
    void host.record({
      type: 'tool.called',
      path,
      attempt,
      tool: nameOf(call),
      input: host.keep(shown(inputText(input)), 'text'),
      output: host.keep(shown(output), 'text'),
      latencyMs: Math.max(0, Math.round(clock.monotonic() - since)),
      ...(failed === true ? { failure: failure('exit', 'the agent says that it failed') } : {}),
    });
  }
}

const nameOf = ({ name = 'unnamed' }: Pick<ReportedTool, 'name'>): string =>
  printable(name.toWellFormed()).slice(0, MAX_NAME) || 'unnamed';

const MAX_DEPTH = 64;

function inputText(input: Json): string {
  if (typeof input === 'string') return input;
  const text = JSON.stringify(input);
  return isJsonDeeper(text, MAX_DEPTH) ? text : canonicalJson(wellFormed(input));
}
