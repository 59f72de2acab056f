/** Secrets that are known by their value: the surest rule, since it knows no shape and no false alarm. */
import { holdsSecret } from '../../base/secret-name.ts';
import { countMarkers } from './marker.ts';

export interface SecretValue {
  readonly name: string;
  readonly value: string;
}

/** Shorter values stand in ordinary texts too often. */
const MIN_SECRET_CHARACTERS = 8;

/** The variables of an environment that hold secrets, by their name or by their value. */
export function secretVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly SecretValue[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value.length >= MIN_SECRET_CHARACTERS && holdsSecret(name, value)
      ? [{ name, value }]
      : [],
  );
}

export interface ExactValues {
  /** Source of a pattern that matches every form of every value; longest first. `''` without values. */
  readonly source: string;
  /** The mark of a matched form. */
  readonly ruleOf: (form: string) => string;
  readonly has: (form: string) => boolean;
}

/** The forms in which a value turns up: as it is, in JSON, in a URL, in Base64. */
export function exactValues(secrets: readonly SecretValue[]): ExactValues {
  const rules = new Map<string, string>();
  for (const { name, value } of secrets) {
    if (value.length < MIN_SECRET_CHARACTERS || countMarkers(value) > 0) continue;
    for (const form of formsOf(value)) if (!rules.has(form)) rules.set(form, name);
  }
  const forms = [...rules.keys()].sort((a, b) => b.length - a.length);
  return {
    source: forms.map(escapePattern).join('|'),
    ruleOf: (form) => rules.get(form) ?? 'value',
    has: (form) => rules.has(form),
  };
}

function formsOf(value: string): readonly string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
  const bytes = new TextEncoder().encode(value);
  const base64 = Buffer.from(bytes).toString('base64');
  const encoded = encodeURIComponent(value.toWellFormed());
  return [
    value,
    inJson,
    inJsonTwice,
    encoded,
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(bytes).toString('base64url'),
  ];
}

export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
