import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import { workflowDocumentSchema } from './document-schema.ts';
import { workflowJsonSchema } from './json-schema.ts';
import { guardDocument } from './parse/guard.ts';
import { checkStructure } from './parse/structure.ts';

const validate = new Ajv2020({ strict: false, allErrors: false }).compile(workflowJsonSchema());

/** Says who accepts: the description that the types are held to, the published schema, the gate. */
const isAccepted = (
  document: unknown,
): readonly [description: boolean, published: boolean, gate: boolean] => [
  workflowDocumentSchema.safeParse(document).success,
  validate(document),
  'document' in checkStructure(document),
];

test('every example of a short form is accepted by all', () => {
  const leaf = { kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'x' } };
  const documents = [
    { id: 'w', goal: 'g', nodes: [leaf] },
    { id: 'w', goal: 'g', nodes: [leaf], output: 'a', irVersion: 1, $schema: 'x' },
    { id: 'w', goal: 'g', nodes: [{ ...leaf, inputs: ['b', 'previous(b)'] }] },
    { id: 'w', goal: 'g', nodes: [{ ...leaf, inputs: { x: 'b', y: { node: 'b', field: 'c' } } }] },
    {
      id: 'w',
      goal: 'g',
      nodes: [{ kind: 'leaf', id: 'a', task: { type: 'command', argv: 'npm test' } }],
    },
    {
      id: 'w',
      goal: 'g',
      nodes: [
        { kind: 'loop_until', id: 'l', until: 'it is done', maxIterations: 2, children: [leaf] },
      ],
    },
  ];
  for (const document of documents) expect(isAccepted(document)).toEqual([true, true, true]);
});

test('the description, the published schema and the gate accept the same, whatever is changed', () => {
  const mutated = fc
    .tuple(
      workflowDocuments({ hasTrees: true, hasApprovals: true, maxDepth: 2 }),
      fc.array(mutations(), { minLength: 1, maxLength: 3 }),
    )
    .map(([document, changes]) =>
      changes.reduce<unknown>((value, change) => change(value), structuredClone(document)),
    );
  let refused = 0;
  fc.assert(
    fc.property(mutated, (document) => {
      // What is no JSON at all never gets as far as a schema.
      if (guardDocument(document).length > 0) return;
      const [description, published, gate] = isAccepted(document);
      if (!description) refused += 1;
      expect([published, gate]).toEqual([description, description]);
    }),
    { numRuns: 1500 },
  );
  expect(refused).toBeGreaterThan(300);
});

type Change = (document: unknown) => unknown;

/** Sets, removes or renames one member somewhere in a document. */
function mutations(): fc.Arbitrary<Change> {
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      3,
      1e21,
      '',
      'x',
      'previous(x)',
      'a b',
      'a/b',
      '💥'.repeat(40),
      [],
      {},
    ),
    fc.constantFrom<unknown>('leaf', 'model', 'equals', ['a'], { node: 'a' }, [{}], { a: 1 }),
    fc.integer(),
  );
  const keys = fc.constantFrom('id', 'kind', 'type', 'node', 'task', 'inputs', 'budget', 'nope');
  return fc
    .tuple(fc.nat(), fc.constantFrom('set', 'remove', 'add', 'rename'), values, keys)
    .map(([at, how, constant, key]) => (document) => {
      // A copy: put into itself by a second change, one of the constants would be a cycle.
      const value = structuredClone(constant);
      const places = holders(document);
      const place = places[at % places.length];
      if (place === undefined) return document;
      const { holder, member } = place;
      if (how === 'set') holder[member] = value;
      else if (how === 'remove') delete holder[member];
      else if (how === 'add') holder[key] = value;
      else {
        holder[key] = holder[member];
        delete holder[member];
      }
      return Array.isArray(holder) ? document : document;
    });
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly member: string;
}

function holders(document: unknown): readonly Place[] {
  const places: Place[] = [];
  const open: unknown[] = [document];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const holder = value as Record<string, unknown>;
    if (!Array.isArray(value))
      for (const member of Object.keys(holder)) places.push({ holder, member });
    open.push(...Object.values(holder).filter((member) => member !== undefined));
  }
  return places;
}
