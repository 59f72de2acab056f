/**
 * Secrets that are known by their shape. Every pattern runs in time linear in the text: what may be long
 * is bounded, or begins only where the run of its characters does. Marks of earlier rules match none.
 */

export interface Shape {
  readonly rule: string;
  readonly pattern: RegExp;
  /** What stays around the mark; the whole match goes where absent. */
  readonly keep?: (
    match: string,
    ...groups: readonly string[]
  ) => readonly [before: string, after: string];
}

/** Begins where no such character stands before; the end of `%20` or of a JSON `\\n` is none. */
function edged(characters: string, source: string): RegExp {
  return new RegExp(`(?<![${characters}](?<!%[0-9A-Fa-f]{2}|\\\\[nrtbf]))${source}`, 'g');
}

const KEY_BLOCK = 'PRIVATE KEY(?: BLOCK)?-----';

export const SHAPES: readonly Shape[] = [
  // A whole block, or what is left of one that was cut off.
  {
    rule: 'pem',
    pattern: new RegExp(
      `-----BEGIN [A-Z0-9 ]{0,40}${KEY_BLOCK}` +
        `(?:[A-Za-z0-9+/=:,.\\s\\\\-](?!-{3,5}(?:END|BEGIN))){0,16384}[\\s\\S]?` +
        `(?:-{3,5}END [A-Z0-9 ]{0,40}${KEY_BLOCK})?`,
      'g',
    ),
  },
  {
    rule: 'url',
    pattern: /(?<=:\/\/)[^\s/@:"'<>[\]]{0,256}:[^\s/@"'<>]{1,1024}@/g,
    keep: () => ['', '@'],
  },
  {
    rule: 'authorization',
    pattern:
      /(authorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:bearer|basic|token)\s{1,4})[A-Za-z0-9._~+/=-]{8,4096}/gi,
    keep: (_match, before = '') => [before, ''],
  },
  { rule: 'anthropic', pattern: /sk-ant-[A-Za-z0-9_-]{16,512}/g },
  {
    rule: 'openai',
    pattern: edged(
      'A-Za-z0-9',
      'sk-(?:(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{16,512}|[A-Za-z0-9]{20,512})',
    ),
  },
  {
    rule: 'github',
    pattern: /(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})/g,
  },
  { rule: 'gitlab', pattern: /gl(?:pat|ptt|dt)-[A-Za-z0-9_-]{20,255}/g },
  {
    rule: 'aws',
    pattern: edged('A-Za-z0-9', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])'),
  },
  {
    rule: 'slack',
    pattern: /xox[a-z]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}/g,
  },
  {
    rule: 'slack',
    pattern: /(?<=hooks\.slack\.com\/services\/)[A-Za-z0-9/_-]{8,255}/g,
  },
  { rule: 'npm', pattern: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { rule: 'google', pattern: /AIza[A-Za-z0-9_-]{35}/g },
  { rule: 'stripe', pattern: /[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}/g },
  {
    rule: 'jwt',
    pattern: edged(
      'A-Za-z0-9_-',
      'eyJ[A-Za-z0-9_-]{8,4096}\\.[A-Za-z0-9_-]{8,8192}(?:\\.[A-Za-z0-9_-]{0,4096})?',
    ),
  },
  // The output of env: NAME=value, with a name that says what it is.
  {
    rule: 'assignment',
    pattern:
      /((?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS)\\?["']?\s{0,2}[:=]\s{0,2}\\?["']?)(?!\[REDACTED:|[$<{*])[^\s"'\\,;)}\]]{8,4096}/g,
    keep: (_match, before = '') => [before, ''],
  },
  // A quoted text that is given such a name in code or configuration.
  {
    rule: 'assignment',
    pattern:
      /((?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|(?:access|auth|refresh|session)[_-]?token)\\?["']?\s{0,4}(?:=>|[:=])\s{0,4}\\?["'])(?!\[REDACTED:|[$<{*])[^\s"'\\]{8,4096}/gi,
    keep: (_match, before = '') => [before, ''],
  },
];

/** One pattern that matches somewhere in every text that a shape could match in; most texts end here. */
export const SHAPE_PROBE: string =
  'PRIVATE KEY|:\\/\\/[^\\s/]{0,256}:|uthorization|AUTHORIZATION|sk-|gh[pousr]_|github_pat_|gl(?:pat|ptt|dt)-|' +
  'AKIA|ASIA|ABIA|ACCA|xox[a-z]-|xapp-|hooks\\.slack|npm_|AIza|[rs]k_(?:live|test)_|eyJ|' +
  '(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS)\\\\?["\']?\\s{0,2}[:=]|' +
  '(?:[pP]assw|[pP]assphrase|[sS]ecret|[kK]ey|[tT]oken|[kK]EY|[tT]OKEN)[a-zA-Z]{0,4}\\\\?["\']?\\s{0,4}(?:=>|[:=])';
