/** Says by a field’s name that its text is a secret, whatever it looks like. */

const EXACT = new Set([
  'token',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'pwd',
]);
const ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'secretaccesskey',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'bearertoken',
  'sessiontoken',
  'idtoken',
  'apitoken',
  'credentials',
];
const NOT_LETTERS = /[^a-z0-9]/g;
/** Most names are seen again and again. */
const seen = new Map<string, boolean>();
const MAX_SEEN = 10_000;

export function isSecretName(name: string): boolean {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const plain = name.toLowerCase().replace(NOT_LETTERS, '');
  const answer =
    EXACT.has(plain) ||
    ENDINGS.some((ending) => plain.endsWith(ending)) ||
    // As environment variables are called: GITHUB_TOKEN.
    /^[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD)$/.test(name);
  if (seen.size < MAX_SEEN) seen.set(name, answer);
  return answer;
}
