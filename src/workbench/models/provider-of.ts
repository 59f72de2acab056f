import { suggestion } from '../../base/did-you-mean.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import {
  type ModelName,
  type ModelsConfig,
  type ProviderRow,
  parseModelName,
} from './models-config.ts';

/** A name with the row of its provider. @throws {WhaleFlowError} WF3002 where there is none. */
export function providerOf(
  name: string,
  { providers }: ModelsConfig,
): ModelName & { readonly row: ProviderRow } {
  const parsed = parseModelName(name);
  if (parsed === undefined) {
    throw new WhaleFlowError('WF3002', `\`${name}\` names no model of a provider`, {
      hint: 'write PROVIDER:MODEL',
    });
  }
  const row = providers.get(parsed.provider);
  if (row !== undefined) return { ...parsed, row };
  throw new WhaleFlowError('WF3002', `no provider \`${parsed.provider}\` is configured`, {
    hint:
      suggestion(parsed.provider, providers.keys()) ??
      `whaleflow providers add ${parsed.provider} --base-url https://HOST/v1     what there is: whaleflow providers ls`,
  });
}
