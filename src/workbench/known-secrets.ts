/**
 * The values that never reach the record: those of variables whose names look secret, keys of providers
 * that stand in variables, and keys that a command prints, from the moment when they are known, which is
 * before the first call that carries one.
 */
import { redactText, type SecretValue, secretVariables } from '../export/redact-text.ts';
import type { Conceal } from '../trace/conceal.ts';
import { outsideToolParts } from '../workflow/outside-tool.ts';
import { mcpSecrets } from './mcp/open-mcp.ts';
import type { RunMcp } from './mcp/recorded-mcp.ts';
import { parseModelName } from './models/models-config.ts';
import type { RunModels } from './models/run-models.ts';
import type { Workbench } from './workbench.ts';

export interface KnownSecrets {
  /** Absent where there is nothing to conceal, and nothing can come. */
  readonly conceal?: Conceal;
  learn(secret: SecretValue): void;
}

export function knownSecrets(
  { env }: Workbench,
  run: RunModels,
  { digests, config }: RunMcp,
): KnownSecrets {
  const keys = [...run.models.providers.values()].flatMap(({ key }) => {
    const value = key?.type === 'env' ? env[key.name] : undefined;
    return key?.type !== 'env' || value === undefined ? [] : [{ name: key.name, value }];
  });
  const isUsed = (server: string): boolean =>
    Object.keys(digests).some((name) => outsideToolParts(name).server === server);
  const rows = [...config.rows.values()].filter(({ name }) => isUsed(name));
  const secrets: SecretValue[] = [...secretVariables(env), ...keys, ...mcpSecrets(rows, env)];
  let redact = redactText(secrets);
  const learn = (secret: SecretValue): void => {
    if (secrets.some(({ value }) => value === secret.value)) return;
    secrets.push(secret);
    redact = redactText(secrets);
  };
  if (secrets.length === 0 && !mayPrintKeys(run)) return { learn };
  return { conceal: (text) => redact(text), learn };
}

/** A model of the run has a provider whose key a command prints. */
function mayPrintKeys({ routes, models }: RunModels): boolean {
  const names = Object.values(routes).flatMap((route) => route.split(', '));
  const providers = names.map((name) => parseModelName(name)?.provider ?? '');
  return providers.some((name) => models.providers.get(name)?.key?.type === 'command');
}
