import type { Json } from '../../base/json.ts';

/** What a model said, as it is recorded and shared. */
export interface ModelAnswer {
  readonly text: string;
  /** The typed answer, from providers with a schema mode. */
  readonly value?: Json;
  /** The model that answered, as the provider names it. */
  readonly model: string;
}
