/** What the builtins give to a program: frozen values that know where they were made. */
import type { JsonObject } from '../../base/json.ts';
import { builtin, type CallPosition } from '../../starlark/builtin.ts';
import { HostValue } from '../../starlark/host-value.ts';
import { signature } from '../../starlark/signature.ts';
import { repr, type Value } from '../../starlark/value.ts';
import type { BuiltinRow } from './parameter.ts';

/** How an argument was given: by position from 0, or by this name. */
export type Given = number | string;

/** One call of a builtin, for the places of what came of it. */
export interface CallRecord {
  /** Among all calls of builtins, from 1: a program makes the same calls every time. */
  readonly number: number;
  readonly row: BuiltinRow;
  readonly position: CallPosition;
  /** By name of the parameter. */
  readonly given: ReadonlyMap<string, Given>;
}

/** A node of the graph; what it holds never changes. */
export class NodeValue extends HostValue {
  readonly starlarkType: string;
  readonly id: string;
  readonly document: JsonObject;
  readonly call: CallRecord;
  /** The nodes in it. */
  readonly children: readonly NodeValue[];

  constructor(parts: {
    readonly id: string;
    readonly document: JsonObject;
    readonly call: CallRecord;
    readonly children: readonly NodeValue[];
  }) {
    super();
    this.starlarkType = parts.call.row.name;
    this.id = parts.id;
    this.document = parts.document;
    this.call = parts.call;
    this.children = parts.children;
  }

  override getAttr(name: string): Value | undefined {
    if (name === 'id') return this.id;
    if (name !== 'output') return undefined;
    return builtin({
      name: 'output',
      call: (_thread, args, kwargs) => {
        const bound = outputSignature(args, kwargs);
        return new ReferenceValue({ node: this.id, field: bound.string(0) });
      },
    });
  }

  override getAttrNames(): readonly string[] {
    return ['id', 'output'];
  }

  override repr(): string {
    return `<${this.starlarkType} ${repr(this.id)}>`;
  }
}

const outputSignature = signature('output', ['field']);

export interface ReferenceParts {
  readonly node: string;
  readonly field?: string;
  readonly previous?: true;
}

/** Points at what another node gives. */
export class ReferenceValue extends HostValue {
  readonly starlarkType = 'reference';
  readonly parts: ReferenceParts;

  constructor(parts: ReferenceParts) {
    super();
    this.parts = parts;
  }

  override repr(): string {
    const { node, field, previous } = this.parts;
    const said = previous === true ? `previous(${repr(node)})` : repr(node);
    return `<reference ${field === undefined ? said : `${said}.${field}`}>`;
  }
}

/** A condition over what nodes gave. */
export class PredicateValue extends HostValue {
  readonly starlarkType = 'condition';
  readonly document: JsonObject;
  readonly name: string;

  constructor(name: string, document: JsonObject) {
    super();
    this.name = name;
    this.document = document;
  }

  override repr(): string {
    return `<condition ${this.name}>`;
  }
}
