/** What an agent tells in one turn, put together from its lines. */

import { failure } from '../../failure.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { AgentTurn } from './agent-session.ts';
import type { FormatSink, ReportedFigures, ReportedTool } from './formats/report.ts';
import { toReportedUsage } from './reported-usage.ts';
import type { ToolLog } from './tool-log.ts';

/** Characters of what it says that are kept, the last of them. */
const MAX_SAID = 1_000_000;

export class TurnReport implements FormatSink {
  readonly #host: LeafHost;
  readonly #tools: ToolLog;
  #said: string[] = [];
  #saidLength = 0;
  #end: string | undefined;
  #figures: ReportedFigures = {};
  #model: string | undefined;
  #failure: string | undefined;

  constructor(host: LeafHost, tools: ToolLog) {
    this.#host = host;
    this.#tools = tools;
  }

  says(text: string): void {
    if (text === '') return;
    this.#host.live({ kind: 'text', text });
    this.#said.push(text);
    this.#saidLength += text.length;
    while (this.#saidLength > MAX_SAID && this.#said.length > 1) {
      this.#saidLength -= this.#said.shift()?.length ?? 0;
    }
  }

  /** What was said so far was on the way, not the answer. */
  forget(): void {
    this.#said = [];
    this.#saidLength = 0;
  }

  ends(text: string): void {
    this.#end = text;
  }

  tool(call: ReportedTool): void {
    this.#tools.add(call);
  }

  usage(figures: ReportedFigures): void {
    this.#figures = { ...this.#figures, ...figures };
  }

  uses(step: ReportedFigures): void {
    const names = Object.keys(step) as (keyof ReportedFigures)[];
    const sums = names.map((name) => [name, (this.#figures[name] ?? 0) + (step[name] ?? 0)]);
    this.#figures = { ...this.#figures, ...Object.fromEntries(sums) };
  }

  model(name: string): void {
    if (name !== '') this.#model = name;
  }

  fails(message: string): void {
    this.#failure = message;
  }

  toTurn(why?: AgentTurn['failure']): AgentTurn {
    this.#tools.close();
    const usage = toReportedUsage(this.#figures);
    const said = this.#failure === undefined ? undefined : failure('refused', this.#failure);
    const failed = why ?? said;
    return {
      text: (this.#end ?? this.#said.join('')).slice(-MAX_SAID).toWellFormed(),
      ...(usage === undefined ? {} : { usage }),
      ...(this.#model === undefined ? {} : { model: this.#model.toWellFormed().slice(0, 200) }),
      ...(failed === undefined ? {} : { failure: failed }),
    };
  }
}
