/**
 * Sets one value in the text of a TOML file and leaves every other byte as it was: comments, order and
 * layout are the person’s. Where things stand is told by a parser that keeps positions; each way of
 * writing the value down is tried until one gives exactly the wanted data.
 */
import { isDeepStrictEqual } from 'node:util';
import { type AST, parseTOML } from 'toml-eslint-parser';
import type { SettingValue } from '../check-setting.ts';
import { loadToml } from '../load-toml.ts';

type Table = Record<string, unknown>;
type Path = readonly string[];

/** The new text; undefined where the value cannot stand there (where a table is, or below a text). */
export function setToml(text: string, key: Path, value: SettingValue): string | undefined {
  const { parse } = loadToml();
  const wanted = withValue(parse(text), key, value);
  if (wanted === undefined) return undefined;
  const edit = new TomlEdit(text, key, tomlText(value));
  for (const found of edit.ways()) {
    try {
      if (isDeepStrictEqual(plain(parse(found)), plain(wanted))) return found;
    } catch {
      // Not TOML that way: the next one.
    }
  }
  return undefined;
}

/** As it is written in a file. */
function tomlText(value: SettingValue): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return `[${value.map(tomlText).join(', ')}]`;
  // JSON’s escapes are TOML’s; DEL is a control character only there.
  return JSON.stringify(value).replaceAll('\x7f', '\\u007f');
}

export const tomlKey = (key: Path): string =>
  key.map((name) => (/^[\w-]+$/.test(name) ? name : tomlText(name))).join('.');

function withValue(table: unknown, [name, ...rest]: Path, value: SettingValue): Table | undefined {
  if (!isTable(table) || name === undefined) return undefined;
  const before = Object.hasOwn(table, name) ? table[name] : undefined;
  if (rest.length === 0) return isTable(before) ? undefined : { ...table, [name]: value };
  const inner = withValue(before ?? {}, rest, value);
  return inner === undefined ? undefined : { ...table, [name]: inner };
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isDate(value);
}

const isDate = (value: object): boolean => Object.prototype.toString.call(value).endsWith('Date]');

/** Without prototypes, so that only data is compared. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** A value with its whole name. */
interface Place {
  readonly path: Path;
  readonly node: AST.TOMLKeyValue;
}

class TomlEdit {
  readonly #text: string;
  readonly #key: Path;
  readonly #value: string;
  readonly #eol: string;
  readonly #top: AST.TOMLTopLevelTable;
  readonly #places: readonly Place[];

  constructor(text: string, key: Path, value: string) {
    this.#text = text;
    this.#key = key;
    this.#value = value;
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n';
    [this.#top] = parseTOML(text, { tomlVersion: 'latest' }).body;
    this.#places = [...placesIn(this.#top)];
  }

  /** Best first. */
  *ways(): Generator<string> {
    const same = this.#places.find(({ path }) => isDeepStrictEqual(path, this.#key));
    if (same !== undefined) yield this.#splice(same.node.value.range, this.#value);
    yield* this.#intoInline();
    yield* this.#intoTable(this.#key.length - 1);
    yield* this.#besideDotted();
    yield this.#asNewTable();
    for (let length = this.#key.length - 2; length >= 0; length -= 1) {
      yield* this.#intoTable(length);
    }
  }

  /** `name = { … }`: as its last member. */
  *#intoInline(): Generator<string> {
    for (const { path, node } of this.#places) {
      if (node.value.type !== 'TOMLInlineTable' || !this.#isBelow(path)) continue;
      const said = this.#assignment(path.length);
      const last = node.value.body.at(-1);
      const [start, end] = node.value.range;
      yield last === undefined
        ? this.#splice([start, end], `{ ${said} }`)
        : this.#splice([last.range[1], last.range[1]], `, ${said}`);
    }
  }

  /** Under the header that names the first `length` names of the key. */
  *#intoTable(length: number): Generator<string> {
    const prefix = this.#key.slice(0, length);
    if (length === 0) {
      const first = this.#top.body.find((node) => node.type === 'TOMLTable');
      const values = this.#top.body.filter((node) => node.type === 'TOMLKeyValue');
      const last = values.at(-1);
      if (last !== undefined) yield this.#lineAfter(last.range[1], this.#assignment(0));
      else if (first === undefined) yield this.#atEnd(this.#assignment(0));
      else yield this.#splice([0, 0], `${this.#assignment(0)}${this.#eol}${this.#eol}`);
      return;
    }
    for (const node of this.#top.body) {
      if (node.type !== 'TOMLTable' || !isDeepStrictEqual(node.resolvedKey, prefix)) continue;
      yield this.#lineAfter((node.body.at(-1) ?? node.key).range[1], this.#assignment(length));
    }
  }

  /** After its neighbour of the same dotted beginning. */
  *#besideDotted(): Generator<string> {
    const prefix = this.#key.slice(0, -1);
    for (const { path, node } of this.#places.toReversed()) {
      const { parent } = node;
      if (parent.type === 'TOMLInlineTable' || path.length <= prefix.length) continue;
      if (!isDeepStrictEqual(path.slice(0, prefix.length), prefix)) continue;
      const around = path.length - node.key.keys.length;
      yield this.#lineAfter(node.range[1], this.#assignment(around));
    }
  }

  /** After the last table of its section, else at the end. */
  #asNewTable(): string {
    const header = `[${tomlKey(this.#key.slice(0, -1))}]`;
    const said = [header, this.#assignment(this.#key.length - 1)].join(this.#eol);
    const tables = this.#top.body.filter((node) => node.type === 'TOMLTable');
    const kin = tables.findLast(({ resolvedKey }) => resolvedKey[0] === this.#key[0]);
    if (kin === undefined || kin === tables.at(-1)) return this.#atEnd(said);
    return this.#lineAfter((kin.body.at(-1) ?? kin.key).range[1], `${this.#eol}${said}`);
  }

  #assignment(from: number): string {
    return `${tomlKey(this.#key.slice(from))} = ${this.#value}`;
  }

  #isBelow(path: Path): boolean {
    return (
      path.length < this.#key.length && isDeepStrictEqual(path, this.#key.slice(0, path.length))
    );
  }

  #splice([start, end]: readonly [number, number], said: string): string {
    return this.#text.slice(0, start) + said + this.#text.slice(end);
  }

  /** A line of its own after the one that `at` lies in, comment included. */
  #lineAfter(at: number, said: string): string {
    const end = this.#text.indexOf('\n', at);
    if (end < 0) return this.#atEnd(said, '');
    return this.#splice([end + 1, end + 1], `${said}${this.#eol}`);
  }

  #atEnd(said: string, between = this.#eol): string {
    const text = this.#text;
    const closed = text === '' || text.endsWith('\n') ? text : `${text}${this.#eol}`;
    return `${closed}${closed.trim() === '' ? '' : between}${said}${this.#eol}`;
  }
}

function* placesIn(top: AST.TOMLTopLevelTable): Generator<Place> {
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') yield* placesOf(node, []);
    else if (node.kind === 'standard') {
      for (const inner of node.body) yield* placesOf(inner, node.resolvedKey.map(String));
    }
  }
}

function* placesOf(node: AST.TOMLKeyValue, around: Path): Generator<Place> {
  const names = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  const path = [...around, ...names];
  yield { path, node };
  if (node.value.type !== 'TOMLInlineTable') return;
  for (const inner of node.value.body) yield* placesOf(inner, path);
}
