/**
 * What an agent has said and been told, kept within the model’s window. The policy: the task and the last
 * turns always stay whole; when the rest does not fit, the oldest answers of tools go first, each leaving
 * a line that says so. The same conversation is always cut at the same places.
 */
import type {
  ModelMessage,
  ModelRequest,
  ModelToolCall,
  ModelToolResult,
} from '../../../model/model-provider.ts';
import { estimateInputTokens } from '../../../model/model-request.ts';

/** Where a model does not say how much it reads. */
const DEFAULT_WINDOW_TOKENS = 128_000;
/** Turns that are never cut. */
const KEPT_TURNS = 3;

export class Conversation {
  readonly #task: string;
  readonly #turns: (readonly ModelMessage[])[] = [];

  constructor(task: string) {
    this.#task = task;
  }

  addTurn(
    text: string,
    toolCalls: readonly ModelToolCall[],
    results: readonly ModelToolResult[],
  ): void {
    this.#turns.push([
      { role: 'assistant', text, ...(toolCalls.length === 0 ? {} : { toolCalls }) },
      { role: 'tool', results },
    ]);
  }

  /** A turn without calls, and what the model is told about it. */
  addReminder(text: string, reminder: string): void {
    this.#turns.push([
      { role: 'assistant', text: text === '' ? '(nothing)' : text },
      { role: 'user', text: reminder },
    ]);
  }

  /** The request with as much of the conversation as fits; undefined where even the cut one does not. */
  fit(
    request: Omit<ModelRequest, 'messages'>,
    windowTokens: number = DEFAULT_WINDOW_TOKENS,
  ): ModelRequest | undefined {
    const room = windowTokens - request.maxOutputTokens;
    const isFitting = (fitted: ModelRequest): boolean => estimateInputTokens(fitted) <= room;
    const cuttable = Math.max(0, this.#turns.length - KEPT_TURNS);
    for (let cut = 0; cut <= cuttable; cut += 1) {
      const fitted = { ...request, messages: this.#messages(cut) };
      if (isFitting(fitted)) return fitted;
    }
    return undefined;
  }

  #messages(cut: number): readonly ModelMessage[] {
    return [
      { role: 'user', text: this.#task },
      ...this.#turns.flatMap((turn, index) => (index < cut ? turn.map(withoutResults) : turn)),
    ];
  }
}

function withoutResults(message: ModelMessage): ModelMessage {
  if (message.role !== 'tool') return message;
  const results = message.results.map((result) => ({
    ...result,
    text: `[left out: ${Buffer.byteLength(result.text)} bytes; call the tool again if you need them]`,
  }));
  return { role: 'tool', results };
}
