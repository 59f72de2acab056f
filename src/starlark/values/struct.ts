import { StarlarkError } from '../error.ts';
import { encodeKey, markedKey } from './hash-table.ts';
import { type Equal, type HashKey, StarlarkObject, typeName, type Value } from './object.ts';
import { type ReprWriter, repr } from './repr.ts';

/** The constructor of plain structs; a branded struct has a symbol of its own. */
export const plainConstructor = 'struct';

/** Named fields, sorted once, that never change. */
export class Struct extends StarlarkObject {
  readonly starlarkType = 'struct';
  readonly maker: Value;
  readonly fields: ReadonlyMap<string, Value>;
  #isFrozen = false;
  #key: HashKey | undefined;

  constructor(maker: Value, fields: Iterable<readonly [string, Value]>) {
    super();
    this.maker = maker;
    const sorted = [...fields].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0));
    this.fields = new Map(sorted);
  }

  /** Whether the key has been made. */
  get isHashed(): boolean {
    return this.#key !== undefined;
  }

  override hashKey(): HashKey {
    if (this.#key === undefined) {
      let key = `S${this.fields.size}:${encodeKey(this.maker)}`;
      for (const [name, value] of this.fields) key += encodeKey(name) + encodeKey(value);
      this.#key = markedKey(key, 'struct');
    }
    return this.#key;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    pending.push(this.maker, ...this.fields.values());
  }

  override equals(other: StarlarkObject, depth: number, equal: Equal): boolean {
    if (!(other instanceof Struct) || this.fields.size !== other.fields.size) return false;
    if (this.maker !== other.maker) return false;
    for (const [name, value] of this.fields) {
      const found = other.fields.get(name);
      if (found === undefined || !equal(value, found, depth)) return false;
    }
    return true;
  }

  override attribute(name: string): Value | undefined {
    return this.fields.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.fields.keys()];
  }

  override missingAttribute(name: string): string {
    const brand = this.maker === plainConstructor ? '' : `${makerText(this.maker)} `;
    return `${brand}struct has no .${name} attribute`;
  }

  override binary(operator: string, other: Value, isLeft: boolean): Value | undefined {
    if (operator !== '+' || !isLeft || !(other instanceof Struct)) return undefined;
    if (this.maker !== other.maker) {
      const makers = `${makerText(this.maker)} + ${makerText(other.maker)}`;
      throw new StarlarkError(`cannot add structs of different constructors: ${makers}`);
    }
    return new Struct(this.maker, new Map([...this.fields, ...other.fields]));
  }

  write(writer: ReprWriter): void {
    writer.container(this, `${makerText(this.maker)}(`, ')', () => {
      let isFirst = true;
      for (const [name, value] of this.fields) {
        writer.text(isFirst ? `${name} = ` : `, ${name} = `);
        isFirst = false;
        writer.value(value);
      }
    });
  }
}

function makerText(maker: Value): string {
  return typeName(maker) === 'string' && typeof maker === 'string' ? maker : repr(maker);
}

/** A named collection of values, such as a library. */
export class Module extends StarlarkObject {
  readonly starlarkType = 'module';
  readonly name: string;
  readonly members: ReadonlyMap<string, Value>;

  constructor(name: string, members: Iterable<readonly [string, Value]>) {
    super();
    this.name = name;
    this.members = new Map([...members].sort(([x], [y]) => (x < y ? -1 : 1)));
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable: module');
  }

  override freezeSelf(pending: Value[]): void {
    pending.push(...this.members.values());
  }

  override attribute(name: string): Value | undefined {
    return this.members.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.members.keys()];
  }

  write(writer: ReprWriter): void {
    writer.text(`<module ${repr(this.name)}>`);
  }
}
