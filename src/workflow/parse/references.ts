/** Short forms of references, inputs and predicates, written out. */
import type {
  InputReferenceDocument,
  InputsDocument,
  PredicateDocument,
  ReferenceDocument,
} from '../document.ts';
import { parseNodeReference } from '../node-id.ts';
import type { InputReference, Inputs, Predicate, Reference } from '../reference.ts';

export function toReference(reference: ReferenceDocument): Reference {
  if (typeof reference === 'string') return parseNodeReference(reference);
  return {
    ...parseNodeReference(reference.node),
    ...(reference.field === undefined ? {} : { field: reference.field }),
    ...(reference.previous === true ? { previous: true } : {}),
  };
}

/** Ids name themselves; `previous(id)` is optional, since the first iteration has none before it. */
export function toInputs(inputs: InputsDocument | undefined): Inputs {
  if (inputs === undefined) return {};
  const named = Array.isArray(inputs)
    ? (inputs as readonly string[]).map((name) => [name, name] as const)
    : Object.entries(inputs as Readonly<Record<string, string | InputReferenceDocument>>);
  return Object.fromEntries(named.map(([name, reference]) => [name, toInput(reference)]));
}

function toInput(reference: string | InputReferenceDocument): InputReference {
  const plain = toReference(reference);
  const optional =
    typeof reference === 'string' ? plain.previous === true : reference.optional === true;
  return optional ? { ...plain, optional: true } : plain;
}

/** Every input may be absent: for nodes that take outcomes as they are. */
export function allOptional(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, { ...input, optional: true }]),
  );
}

export function toPredicate(predicate: PredicateDocument): Predicate {
  switch (predicate.op) {
    case 'succeeded':
    case 'failed':
      return {
        op: predicate.op,
        node: predicate.node,
        ...(predicate.previous === true ? { previous: true } : {}),
      };
    case 'equals':
      return { op: predicate.op, ...toReference(predicate), value: predicate.value };
    case 'at_least':
    case 'at_most':
      return { op: predicate.op, ...toReference(predicate), value: predicate.value };
    case 'all_of':
    case 'any_of':
      return { op: predicate.op, of: predicate.of.map(toPredicate) };
    case 'negate':
      return { op: predicate.op, of: toPredicate(predicate.of) };
  }
}
