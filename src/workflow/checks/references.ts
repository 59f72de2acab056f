/** References of every kind: they name a node, it has run, and it gives the field. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { PredicateDocument } from '../document.ts';
import type { JsonSchema } from '../limits.ts';
import { parseNodeReference } from '../node-id.ts';
import type { DocumentPath, Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { toReference } from '../parse/references.ts';
import type { Reference } from '../reference.ts';
import { listOf, outputShape } from './output-shape.ts';
import { below, type Check, named, type Plan } from './plan.ts';
import { type OutOfReach, reach, type Standpoint } from './reach.ts';
import { type FieldShape, isList, shapeAt } from './schema-path.ts';

interface Use {
  readonly reference: Reference;
  readonly at: DocumentPath;
  readonly standpoint: Standpoint;
  readonly isList?: boolean;
}

export const checkReferences: Check = (plan) => {
  const uses = plan.entries.flatMap(usesOf);
  const { output } = plan.document;
  if (output !== undefined) {
    const reference = toReference(output);
    uses.push({ reference, at: ['output'], standpoint: { from: undefined } });
  }
  return uses.flatMap((use) => {
    const problem = checkUse(plan, use);
    return problem === undefined ? [] : [problem];
  });
};

function checkUse(plan: Plan, use: Use): Problem | undefined {
  const { reference, at, standpoint } = use;
  const reached = reach(plan, standpoint, reference);
  if (reached === undefined) {
    return {
      code: 'WF1202',
      message: `no node \`${reference.node}\``,
      at: nodeAt(use),
      label: 'no node has this id',
      help: plan.suggestId(reference.node),
    };
  }
  if ('code' in reached) return { ...toProblem(reached), at: nodeAt(use) };
  const shape = shapeOf(plan, standpoint, reference);
  const path = reference.field?.split('.') ?? [];
  const field = shapeAt(shape, path);
  if (field.type === 'absent') return noField(reached.target, path, field, [...at, 'field']);
  if (use.isList === true && field.type === 'known' && isList(field.schema) === false)
    return {
      code: 'WF1202',
      message: `${named(reached.target)}${path.length > 0 ? ` gives no list at \`${path.join('.')}\`` : ' gives no list'}`,
      at,
      label: 'an expand needs a list',
    };
  return undefined;
}

/** The schema of what a reference gives, where it is in reach and known. */
export function shapeOf(
  plan: Plan,
  standpoint: Standpoint,
  reference: Reference,
): JsonSchema | undefined {
  const reached = reach(plan, standpoint, reference);
  if (reached === undefined || 'code' in reached) return undefined;
  let shape = outputShape(reached.target.node);
  for (let level = 0; level < reached.lists; level += 1)
    shape = shape === undefined ? { type: 'array' } : listOf(shape);
  return shape;
}

export function noField(
  target: Entry,
  path: readonly string[],
  field: Extract<FieldShape, { type: 'absent' }>,
  at: DocumentPath,
  code: 'WF1202' | 'WF1206' = 'WF1202',
): Problem {
  const isText = field.instead === 'text';
  return {
    code,
    message: `${named(target)} gives no field \`${path.join('.')}\``,
    at,
    label:
      field.fields.length > 0
        ? `no \`${field.segment}\``
        : `\`${field.segment}\` of ${field.instead}`,
    ...(field.fields.length > 0 ? { notes: [`fields: ${field.fields.join(', ')}`] } : {}),
    help: isText
      ? `declare an \`output\` schema on ${named(target)} to get fields`
      : suggestion(field.segment, field.fields),
  };
}

export const toProblem = ({ code, message, label, help }: OutOfReach): Omit<Problem, 'at'> => ({
  code,
  message,
  ...(label === undefined ? {} : { label }),
  help,
});

// A reference in full form is wrong at its `node`, one in short form as a whole.
const nodeAt = ({ at }: Use): DocumentPath => [...at, 'node'];

function usesOf(entry: Entry): Use[] {
  const { document, at } = entry;
  const standpoint = { from: entry };
  switch (document.kind) {
    case 'leaf':
    case 'reduce': {
      const { inputs } = document;
      if (inputs === undefined) return [];
      const named = Array.isArray(inputs)
        ? (inputs as readonly string[]).map((reference, index) => [index, reference] as const)
        : Object.entries(inputs as Readonly<Record<string, string | Reference>>);
      return named.map(([name, reference]) => ({
        reference: toReference(reference),
        at: below(at, 'inputs', name),
        standpoint,
      }));
    }
    case 'loop_until':
      return typeof document.until === 'string'
        ? []
        : predicateUses(document.until, below(at, 'until'), {
            from: entry,
            isAfterChildren: true,
          });
    case 'cond':
      return typeof document.test === 'string'
        ? []
        : predicateUses(document.test, below(at, 'test'), standpoint);
    case 'expand':
      return [
        {
          reference: toReference(document.source),
          at: below(at, 'source'),
          standpoint,
          isList: true,
        },
      ];
    case 'tournament':
    case 'pareto':
    case 'teacher_review':
      return document.candidates.map((id, index) => ({
        reference: parseNodeReference(id),
        at: below(at, 'candidates', index),
        standpoint,
      }));
    case 'sequence':
    case 'branch_set':
    case 'approve':
      return [];
  }
}

function predicateUses(
  predicate: PredicateDocument,
  at: DocumentPath,
  standpoint: Standpoint,
): Use[] {
  switch (predicate.op) {
    case 'succeeded':
    case 'failed':
    case 'equals':
    case 'at_least':
    case 'at_most':
      return [{ reference: toReference(predicate), at, standpoint }];
    case 'all_of':
    case 'any_of':
      return predicate.of.flatMap((part, index) =>
        predicateUses(part, below(at, 'of', index), standpoint),
      );
    case 'negate':
      return predicateUses(predicate.of, below(at, 'of'), standpoint);
  }
}
