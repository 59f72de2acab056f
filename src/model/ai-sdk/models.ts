/** The dialects that we speak, each as a maker of models. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { guardedFetch, type WireExchange } from './guarded-fetch.ts';
import { responsesModel } from './responses-model.ts';

export type DialectName = 'openai' | 'openai-responses' | 'anthropic';

export interface Endpoint {
  readonly name: string;
  readonly dialect: DialectName;
  /** With its version: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Absent where the server wants none. */
  readonly key?: string;
  /** What the server calls the limit of an answer; `max_tokens` where absent. */
  readonly outputLimitField?: string;
  /** Bytes of an answer, unpacked; 32 MiB where absent. */
  readonly maxResponseBytes?: number;
  /** Hears each exchange whose answer has come to its end. */
  readonly onExchange?: ((exchange: WireExchange) => void) | undefined;
}

export function modelsOf(endpoint: Endpoint): (id: string) => LanguageModelV4 {
  const { name, dialect, baseUrl: baseURL, key, maxResponseBytes, outputLimitField } = endpoint;
  const fetch = guardedFetch({ maxBytes: maxResponseBytes, onExchange: endpoint.onExchange });
  switch (dialect) {
    case 'openai': {
      const provider = createOpenAICompatible({
        name,
        baseURL,
        fetch,
        includeUsage: true,
        supportsStructuredOutputs: true,
        ...(key === undefined ? {} : { apiKey: key }),
        ...(outputLimitField === undefined
          ? {}
          : { transformRequestBody: (body) => renamed(body, outputLimitField) }),
      });
      return (id) => provider.chatModel(id);
    }
    case 'openai-responses':
      return (id) => responsesModel(endpoint, id);
    case 'anthropic': {
      // Without a key of its own the SDK would look for one in the environment.
      const provider = createAnthropic({ name, baseURL, fetch, apiKey: key ?? 'none' });
      return (id) => provider.languageModel(id);
    }
  }
}

type Body = Readonly<Record<string, unknown>>;

function renamed({ max_tokens: limit, ...body }: Body, field: string): Record<string, unknown> {
  return limit === undefined ? body : { ...body, [field]: limit };
}
