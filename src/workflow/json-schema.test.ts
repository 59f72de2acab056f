import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import { workflowDocumentSchema } from './document-schema.ts';
import { workflowJsonSchema } from './json-schema.ts';

const validate = new Ajv2020({ strict: false, allErrors: false }).compile(workflowJsonSchema());
const isAccepted = (document: unknown): readonly [zod: boolean, ajv: boolean] => [
  workflowDocumentSchema.safeParse(document).success,
  validate(document),
];

test('the published schema is the one that is generated (`vitest run src/workflow/json-schema.test.ts -u` writes it)', async () => {
  const text = `${JSON.stringify(workflowJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../schemas/workflow.schema.json');
});

test('every example of a short form is accepted by both', () => {
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
  for (const document of documents) expect(isAccepted(document)).toEqual([true, true]);
});

test('the gate’s schema and the published one accept the same, whatever is changed', () => {
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
      const [zod, ajv] = isAccepted(document);
      if (!zod) refused += 1;
      expect(ajv).toBe(zod);
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
