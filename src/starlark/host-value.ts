import { StarlarkObject, type Value } from './values/object.ts';
import type { ReprWriter } from './values/repr.ts';

/** A value of a type of the host: immutable, compared by identity, hashable. */
export abstract class HostValue extends StarlarkObject {
  abstract override readonly starlarkType: string;

  /** The value of `x.name`; nothing if there is no such attribute. */
  getAttr(_name: string): Value | undefined {
    return undefined;
  }

  /** The attributes `dir` lists, for suggestions as well. */
  getAttrNames(): readonly string[] {
    return [];
  }

  repr(): string {
    return `<${this.starlarkType}>`;
  }

  override attribute(name: string): Value | undefined {
    return this.getAttr(name);
  }

  override attributeNames(): readonly string[] {
    return this.getAttrNames();
  }

  override write(writer: ReprWriter): void {
    writer.text(this.repr());
  }
}
