/**
 * Takes secrets out of texts and JSON values and counts what it took, by rule. Taking out again changes
 * nothing, so a file that was redacted, imported and exported stays as it is.
 */
import { isJsonObject, type Json } from '../../base/json.ts';
import { SHAPE_PROBE, SHAPES } from '../../base/secret-shapes.ts';
import { escapeKey } from '../../workflow/node-path.ts';
import { type ExactValues, escapePattern, exactValues, type SecretValue } from './exact-values.ts';
import { isSecretName } from './key-names.ts';
import { marker } from './marker.ts';

export interface RedactorParts {
  readonly secrets: readonly SecretValue[];
  /** Absolute path of the home folder; becomes `~`. */
  readonly home?: string;
  /** Name of the user, as it stands in paths of home folders and as an actor. */
  readonly user?: string;
}

export interface Redactor {
  /** Replacements so far, by rule. */
  readonly counts: ReadonlyMap<string, number>;
  text(text: string): string;
  /** A value with all texts and keys, by the name it has; the same value where nothing was taken out. */
  json(value: Json, name?: string): Json;
  /** A node path or id: marks stand in it as keys may, and what was different stays so. */
  address(path: string): string;
  /** A value that goes as a whole. */
  whole(rule: string): string;
  /** Says whether a text is the user’s name. */
  isUser(text: string): boolean;
}

/** Nested values deeper than this are replaced as a whole; a parser’s limit keeps them away. */
const MAX_DEPTH = 500;

export function redactor({ secrets, home, user }: RedactorParts): Redactor {
  const counts = new Map<string, number>();
  const count = (rule: string): string => {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return marker(rule);
  };
  const values = exactValues(secrets);
  const homes = homePattern(home, user);
  const parts = [SHAPE_PROBE, values.source, homes].filter((source) => source !== '');
  const probe = new RegExp(parts.join('|'));
  const exact = values.source === '' ? undefined : new RegExp(values.source, 'g');
  const places = homes === '' ? undefined : new RegExp(homes, 'g');

  const text = (original: string): string => {
    if (!probe.test(original)) return original;
    let result = exact === undefined ? original : replaceExact(original, exact, values, count);
    for (const { rule, pattern, keep } of SHAPES) {
      result = result.replace(pattern, (...match: readonly unknown[]) => {
        const groups = match.filter((part) => typeof part === 'string').slice(0, -1);
        const [whole = '', ...rest] = groups;
        const [before, after] = keep?.(whole, ...rest) ?? ['', ''];
        return before + count(rule) + after;
      });
    }
    if (places === undefined) return result;
    return result.replace(places, () => {
      counts.set('home', (counts.get('home') ?? 0) + 1);
      return '~';
    });
  };

  const json = (value: Json, name = '', depth = 0): Json => {
    if (depth > MAX_DEPTH) return count('depth');
    if (typeof value === 'string') {
      return isSecretName(name) && isPlainSecret(value) ? count('key') : text(value);
    }
    if (typeof value === 'number') {
      const isSecret = /passw|passphrase/i.test(name) || values.has(String(value));
      return isSecret ? count('key') : value;
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => json(item, name, depth + 1));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    if (!isJsonObject(value)) return value;
    return redactObject(value, text, (part, key) => json(part, key, depth + 1));
  };

  return {
    counts,
    text,
    json,
    address: addressRedaction(text),
    whole: count,
    isUser: (name) => user !== undefined && user !== '' && name === user,
  };
}

/** Each part of a path that holds a secret gets a name of its own, the same everywhere. */
function addressRedaction(text: (part: string) => string): (path: string) => string {
  const names = new Map<string, string>();
  const used = new Set<string>();
  const rename = (part: string): string => {
    const known = names.get(part);
    if (known !== undefined) return known;
    const plain = decoded(part);
    const redacted = text(plain);
    const base = redacted === plain ? part : escapeKey(redacted);
    let name = base;
    for (let copy = 2; used.has(name) && name !== part; copy += 1) name = `${base}~${copy}`;
    used.add(name);
    names.set(part, name);
    return name;
  };
  const segment = (part: string): string => {
    const cut = part.endsWith(']') ? part.indexOf('[') : -1;
    if (cut < 0) return rename(part);
    return `${rename(part.slice(0, cut))}[${rename(part.slice(cut + 1, -1))}]`;
  };
  return (path) => path.split('/').map(segment).join('/');
}

function decoded(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Empty values, references to variables and marks tell nothing. */
function isPlainSecret(value: string): boolean {
  return value !== '' && !value.startsWith('[REDACTED:') && !/^\$\{?\w+\}?$/.test(value);
}

function replaceExact(
  text: string,
  exact: RegExp,
  values: ExactValues,
  count: (rule: string) => string,
): string {
  return text.replace(exact, (form) => count(values.ruleOf(form)));
}

/** Keys that become equal are told apart by a number. */
export function redactObject(
  value: { readonly [key: string]: Json },
  toKey: (key: string) => string,
  toPart: (part: Json, key: string) => Json,
): Json {
  const entries = Object.entries(value);
  const used = new Set<string>();
  let isChanged = false;
  const redacted = entries.map(([key, part]): [string, Json] => {
    let name = toKey(key);
    for (let copy = 2; used.has(name); copy += 1) name = `${toKey(key)}~${copy}`;
    used.add(name);
    const result = toPart(part, key);
    if (name !== key || result !== part) isChanged = true;
    return [name, result];
  });
  return isChanged ? Object.fromEntries(redacted) : value;
}

/** The home folder, and the user’s home folder on any system. */
function homePattern(home: string | undefined, user: string | undefined): string {
  const folders: string[] = [];
  if (home !== undefined && home.length > 1) {
    const plain = home.replace(/[/\\]+$/, '');
    folders.push(plain, plain.replaceAll('\\', '\\\\'), encodeURIComponent(plain.toWellFormed()));
  }
  if (user !== undefined && user !== '') {
    folders.push(`/home/${user}`, `/Users/${user}`, `C:\\Users\\${user}`, `C:\\\\Users\\\\${user}`);
    folders.push(`%2Fhome%2F${user}`, `%2FUsers%2F${user}`);
  }
  const sources = [...new Set(folders)].sort((a, b) => b.length - a.length).map(escapePattern);
  return sources.length === 0 ? '' : `(?:${sources.join('|')})(?![A-Za-z0-9_-])`;
}
