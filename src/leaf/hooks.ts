/**
 * Programs of a person around the work of leaves and tools: each is told in JSON what is about to happen or
 * has happened, and may object. They are none of the leaf’s: they run with the rights of the person, outside
 * of every sandbox, and can only forbid, never permit.
 */
import { matchesText } from '../base/glob.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Clock } from '../system/clock.ts';
import type { Fact } from '../trace/events.ts';
import { failed, type HookVerdict, verdictOf } from './hook-verdict.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';

export const HOOK_MOMENTS = ['before_leaf', 'after_leaf', 'before_tool', 'after_tool'] as const;
export type HookMoment = (typeof HOOK_MOMENTS)[number];

export interface Hook {
  readonly name: string;
  readonly on: HookMoment;
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Absolute. Of a repository’s hook the repository, of a person’s the folder of their configuration. */
  readonly cwd: string;
  /** Globs of tools; all where empty. */
  readonly tools: readonly string[];
  /** Globs of paths of leaves; all where empty. */
  readonly leaves: readonly string[];
  readonly timeoutMs: number;
  /** What it means that it fails, cannot start or takes too long. */
  readonly onError: 'block' | 'go_on';
}

/** What runs hooks, made by the wiring; absent where there are none. */
export interface HookParts {
  readonly hooks: readonly Hook[];
  /** One that confines nothing. */
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string>>;
  /** Root of the repository of the person. */
  readonly repository: string;
  /** Why a hook is no longer what somebody has trusted; undefined where it is, or is a person’s own. */
  readonly distrust?: (hook: Hook) => string | undefined;
}

export interface HookTool {
  /** The model call that asked for it, and its place among the calls of that answer. */
  readonly call: number;
  readonly index: number;
  readonly tool: string;
}

/** Why it is not to be. */
export interface Objection {
  readonly hook: string;
  readonly reason: string;
}

interface Called {
  readonly tool: HookTool | undefined;
  readonly verdict: HookVerdict;
  readonly exitCode: number | null;
  readonly latencyMs: number;
}

const MAX_OUTPUT_BYTES = 16 * 1024;
const FORMAT = 'whaleflow.hook/1';

export class LeafHooks {
  readonly #job: LeafJob;
  readonly #host: LeafHost;
  readonly #root: string | undefined;
  readonly #parts: HookParts;

  /** @param root of the leaf’s tree. */
  constructor(
    job: LeafJob,
    { host, root }: { readonly host: LeafHost; readonly root: string | undefined },
    parts: HookParts,
  ) {
    this.#job = job;
    this.#host = host;
    this.#root = root;
    this.#parts = parts;
  }

  /** Whether somebody wants to hear of this. */
  has(on: HookMoment, tool?: string): boolean {
    return this.#meant(on, tool).length > 0;
  }

  /** Tells all that want to hear of it, one after the other, until one objects. Each call is a fact. */
  async tell(
    on: HookMoment,
    { tool, about }: { readonly tool?: HookTool; readonly about: JsonObject },
    signal: AbortSignal,
  ): Promise<Objection | undefined> {
    for (const hook of this.#meant(on, tool?.tool)) {
      const input = this.#inputOf(hook, about);
      const verdict = await this.#run(hook, { input, tool }, signal);
      if (verdict.decision === 'block') return { hook: hook.name, reason: verdict.reason ?? '' };
      if (signal.aborted) return undefined;
    }
    return undefined;
  }

  #meant(on: HookMoment, tool: string | undefined): readonly Hook[] {
    const { path } = this.#job;
    return this.#parts.hooks.filter(
      (hook) =>
        hook.on === on &&
        (hook.leaves.length === 0 || hook.leaves.some((glob) => matchesText(glob, path))) &&
        (tool === undefined ||
          hook.tools.length === 0 ||
          hook.tools.some((glob) => matchesText(glob, tool))),
    );
  }

  #inputOf({ name, on }: Hook, about: JsonObject): string {
    const { run, path, attempt, node } = this.#job;
    const input: JsonObject = {
      schema: FORMAT,
      event: on,
      hook: name,
      run,
      path,
      attempt,
      leaf: { id: node.id, type: node.task.type, mode: node.mode },
      repository: this.#parts.repository,
      cwd: this.#root ?? null,
      ...about,
    };
    return `${JSON.stringify(input)}\n`;
  }

  async #run(
    hook: Hook,
    { input, tool }: { readonly input: string; readonly tool: HookTool | undefined },
    signal: AbortSignal,
  ): Promise<HookVerdict> {
    const { sandbox, env, clock } = this.#parts;
    const distrust = this.#parts.distrust?.(hook);
    if (distrust !== undefined) {
      const verdict = failed(hook, distrust);
      await this.#record(hook, { tool, verdict, exitCode: null, latencyMs: 0 });
      return verdict;
    }
    const started = clock.monotonic();
    this.#host.live({ kind: 'hook', text: hook.name });
    const report = await sandbox.run(
      {
        argv: hook.argv,
        root: hook.cwd,
        cwd: hook.cwd,
        env,
        timeoutMs: hook.timeoutMs,
        maxOutputBytes: MAX_OUTPUT_BYTES,
        stdin: Buffer.from(input),
        writable: [],
        scratch: [],
        network: true,
      },
      signal,
    );
    const verdict = verdictOf(hook, report);
    const latencyMs = Math.max(0, Math.round(clock.monotonic() - started));
    await this.#record(hook, { tool, verdict, exitCode: report.exitCode, latencyMs });
    return verdict;
  }

  async #record(hook: Hook, { tool, verdict, exitCode, latencyMs }: Called): Promise<void> {
    const { path, attempt } = this.#job;
    const fact: Fact = {
      type: 'hook.called',
      path,
      attempt,
      hook: hook.name,
      on: hook.on,
      ...(tool ?? {}),
      decision: verdict.decision,
      ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
      exitCode,
      latencyMs,
    };
    await this.#host.record(fact);
  }
}

/** An input or output for a hook: as JSON where it is JSON, else as text. */
export function hookValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
