import type { ModelEvent, ModelProvider, ModelRequest } from '../model-provider.ts';

export interface ScriptedProvider extends ModelProvider {
  /** What was asked, in order. */
  readonly asked: readonly ModelRequest[];
}

/** Answers the first call with the first list of events, and so on; the last one again and again. */
export function scriptedProvider(
  script: readonly (readonly ModelEvent[])[],
  name = 'scripted',
): ScriptedProvider {
  const asked: ModelRequest[] = [];
  return {
    name,
    asked,
    async *call(request) {
      asked.push(request);
      yield* script[Math.min(asked.length, script.length) - 1] ?? [];
    },
  };
}
