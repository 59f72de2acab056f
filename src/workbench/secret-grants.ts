/** Variables that hold secrets, or lead to them, and that processes of a run would be given: each is for a person to accept. */
import { needsConsent } from '../base/secret-name.ts';
import type { HostEnvironment } from '../leaf/runners/command-place.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import type { ModelsConfig } from './models/models-config.ts';
import { providerKeys } from './models/run-models.ts';
import { commandLeaves } from './open-sandbox.ts';

/** Keys of providers are not among them: no process ever gets one. */
export function secretGrants(
  spec: WorkflowSpec,
  models: ModelsConfig,
  environment: HostEnvironment,
): readonly string[] {
  const keys = providerKeys(models);
  const names = commandLeaves(spec).flatMap(({ permissions }) => permissions.env);
  return [...new Set(names)].filter(
    (name) => needsConsent(name, environment[name]) && !keys.has(name),
  );
}
