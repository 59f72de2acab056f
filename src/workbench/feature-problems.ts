import type { Diagnostic } from '../base/diagnostic.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { CompiledFile } from './compile.ts';
import type { EffectiveConfig } from './config.ts';

/** What a workflow uses though it is off here: told by `check` and `plan`, refused by `run`. */
export function featureWarnings(
  { features }: CompiledFile,
  config: EffectiveConfig,
): readonly Diagnostic[] {
  return features
    .filter(({ feature }) => !config.features.has(feature))
    .map(({ feature, node, what, span }) => ({
      code: 'WF1402',
      severity: 'warning',
      message: `${node} needs the feature ${feature}, which is off`,
      label: what,
      ...(span === undefined ? {} : { span }),
      help: `turn it on for yourself: whaleflow config set features.${feature} true`,
    }));
}

/** The same as what ends a run before it begins; undefined where nothing that is off is used. */
export function featureObstacle(warnings: readonly Diagnostic[]): WhaleFlowError | undefined {
  const [first] = warnings;
  if (first === undefined) return undefined;
  const diagnostics = warnings.map((one): Diagnostic => ({ ...one, severity: 'error' }));
  return new WhaleFlowError('WF1402', first.message, { diagnostics });
}
