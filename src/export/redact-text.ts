/**
 * The first net, before anything is stored: exact values only, since a guess by shape could change what
 * a run depends on. The export’s redaction comes on top.
 */
import { exactValues, type SecretValue, secretVariables } from './redact/exact-values.ts';
import { marker } from './redact/marker.ts';

export type { SecretValue };
export { secretVariables };

/** Makes the function that replaces the values by `[REDACTED:NAME]`; values under 8 characters stay. */
export function redactText(secrets: readonly SecretValue[]): (text: string) => string {
  const values = exactValues(secrets);
  if (values.source === '') return (text) => text;
  const pattern = new RegExp(values.source, 'g');
  return (text) => text.replace(pattern, (form) => marker(values.ruleOf(form)));
}
