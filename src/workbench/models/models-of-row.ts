import { modelsOf } from '../../model/ai-sdk/models.ts';
import type { ProviderRow } from './models-config.ts';

/** The models of a configured provider as its dialect speaks with them, by their ids. */
export function modelsOfRow(
  { name, dialect, baseUrl, outputLimitField }: ProviderRow,
  key: string | undefined,
  onExchange?: Parameters<typeof modelsOf>[0]['onExchange'],
): ReturnType<typeof modelsOf> {
  // Where Google’s words are spoken, chat is too; ours is that.
  const own =
    dialect === 'gemini'
      ? ({ dialect: 'openai', baseUrl: `${baseUrl}/openai` } as const)
      : { dialect, baseUrl };
  return modelsOf({
    name,
    ...own,
    onExchange,
    ...(key === undefined ? {} : { key }),
    ...(outputLimitField === undefined ? {} : { outputLimitField }),
  });
}
