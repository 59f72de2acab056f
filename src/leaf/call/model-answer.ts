import type { Json } from '../../base/json.ts';
import type { ModelToolCall } from '../../model/model-provider.ts';

/** What a model said, as it is recorded and shared. */
export interface ModelAnswer {
  readonly text: string;
  /** The typed answer, from providers with a schema mode. */
  readonly value?: Json;
  readonly toolCalls?: readonly ModelToolCall[];
  /** The answer ends where its limit was. */
  readonly isCut?: true;
  /** The model that answered, as the provider names it. */
  readonly model: string;
}
