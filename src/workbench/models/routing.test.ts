import { expect, test } from 'vitest';
import type { ModelPolicy } from '../../workflow/limits.ts';
import { parseWorkflow } from '../../workflow/parse-workflow.ts';
import { knownProviders } from './known-providers.ts';
import { modelObstacle } from './model-obstacle.ts';
import { parseModelWish } from './model-wish.ts';
import type { ModelsConfig } from './models-config.ts';
import { type ModelLeaf, modelLeaves, namesFor, routesOf } from './routing.ts';
import { routeNames } from './run-models.ts';

const fact = <T>(value: T) => ({ value, origin: 'config.toml:1' });
const models: ModelsConfig = {
  providers: new Map(knownProviders.map((row) => [row.name, row])),
  roles: new Map([
    ['default', fact(['openai:gpt-5'])],
    ['judge', fact(['anthropic:claude-sonnet-5', 'ollama:qwen3:8b'])],
  ]),
  facts: new Map([['ollama:blind', { capabilities: { tools: fact('no' as const) } }]]),
  prices: new Map(),
  settings: [],
  warnings: [],
};

const leaf = (policy: ModelPolicy, needs: ModelLeaf['needs'] = []): ModelLeaf => {
  return { id: 'a', policy, needs };
};
const routes = (policy: ModelPolicy, ...words: readonly string[]): object =>
  routesOf([leaf(policy)], models, { wishes: words.map(parseModelWish), recorded: {} });

test.each<readonly [object, readonly string[], object]>([
  [{}, [], { leaf_reasoner: 'openai:gpt-5' }],
  [{ role: 'judge' }, [], { judge: 'anthropic:claude-sonnet-5, ollama:qwen3:8b' }],
  [{ role: 'judge' }, ['ollama:qwen3:8b'], { judge: 'ollama:qwen3:8b' }],
  [{ role: 'judge' }, ['ollama:x', 'judge=a:b,c:d'], { judge: 'a:b, c:d' }],
  [{ role: 'judge' }, ['planner=a:b'], { judge: 'anthropic:claude-sonnet-5, ollama:qwen3:8b' }],
  [{ model: 'lab:own' }, [], { 'leaf_reasoner lab:own': 'lab:own' }],
  [{ model: 'lab:own' }, ['a:b'], { 'leaf_reasoner lab:own': 'a:b' }],
])('%j with %j asks %j', (policy, words, expected) => {
  expect(routes(policy, ...words)).toEqual(expected);
});

test('what a run has recorded stands over what is configured now, and under a flag', () => {
  const recorded = { judge: 'old:model' };
  const again = (...words: readonly string[]) =>
    routesOf([leaf({ role: 'judge' })], models, { wishes: words.map(parseModelWish), recorded });
  expect(again()).toEqual(recorded);
  expect(again('new:model')).toEqual({ judge: 'new:model' });
});

test('fallbacks of a node come after its route, each model once', () => {
  const policy = { role: 'judge', fallbacks: ['openai:gpt-5', 'ollama:qwen3:8b'] } as const;
  expect(namesFor(policy, { judge: 'ollama:qwen3:8b' })).toEqual([
    'ollama:qwen3:8b',
    'openai:gpt-5',
  ]);
});

test.each(['implementor=a:b', 'gpt-5', 'judge=', 'a:b,', 'judge=a:b c'])(
  '--model %s is refused',
  (word) => {
    expect(() => parseModelWish(word)).toThrow(/names no (?:role|model)/);
  },
);

test('an agent is never sent to a model that calls no tools', () => {
  const parsed = parseWorkflow({
    id: 'w',
    goal: 'g',
    nodes: [{ kind: 'leaf', id: 'a', task: { type: 'agent', prompt: 'x' } }],
  });
  if (!('spec' in parsed)) throw new Error('no spec');
  expect(modelLeaves(parsed.spec)).toMatchObject([{ id: 'a', needs: ['tools'] }]);
  const node = { modelPolicy: {}, task: { type: 'agent' } } as never;
  const run = { routes: { leaf_reasoner: 'ollama:blind, ollama:sees' }, models };
  expect(routeNames(node, run)).toEqual(['ollama:sees']);
});

const keys = { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2' };
const obstacle = async (one: ModelLeaf, named: object, env: object = keys, isAllowed = false) => {
  const run = { routes: named as Record<string, string>, models, allowUnknownCost: isAllowed };
  const found = await modelObstacle([one], run, { env: env as never, isPriced: true });
  return found === undefined ? undefined : `${found.code} ${found.message}`;
};

test('what keeps a leaf from being answered is found before anything runs', async () => {
  const plain = leaf({});
  const asked = { leaf_reasoner: 'openai:gpt-5' };
  expect(await obstacle(plain, asked)).toBeUndefined();
  expect(await obstacle(plain, {})).toBe(
    'WF3002 no model is configured for the role leaf_reasoner',
  );
  expect(await obstacle(plain, { leaf_reasoner: 'opnai:gpt-5' })).toBe(
    'WF3002 no provider `opnai` is configured',
  );
  expect(await obstacle(plain, asked, {})).toBe(
    'WF3003 OPENAI_API_KEY is not set, and openai needs it',
  );
  expect(await obstacle(leaf({}, ['tools']), { leaf_reasoner: 'ollama:blind' })).toBe(
    'WF3004 a needs tools, which ollama:blind cannot',
  );
  const unpriced = { leaf_reasoner: 'openai:nobody-knows' };
  expect(await obstacle(plain, unpriced)).toBe('WF4003 no price is known for openai:nobody-knows');
  expect(await obstacle(plain, unpriced, keys, true)).toBeUndefined();
});

test('where nobody answers a role, it says who could, and what to type', async () => {
  const said = async (needs: ModelLeaf['needs'], env: Record<string, string>) => {
    const run = { routes: {}, models, allowUnknownCost: false };
    const found = await modelObstacle([leaf({}, needs)], run, { env, isPriced: true });
    return [found?.notes.at(-1), found?.hint];
  };
  expect(await said([], { ANTHROPIC_API_KEY: 'sk-2' })).toEqual([
    'could answer: anthropic (ANTHROPIC_API_KEY is set)',
    '--model anthropic:MODEL     for all runs: whaleflow config set roles.default anthropic:MODEL     made-up answers: --model mock',
  ]);
  const [note, hint] = await said(['tools'], { OPENAI_API_KEY: '' });
  expect(note).toContain('servers on this machine need none: ollama');
  expect(hint).toContain('--model PROVIDER:MODEL');
  expect(hint).toContain('its shape without any: --mock');
});

test('a key that is missing for a fallback is found too', async () => {
  const both = { leaf_reasoner: 'openai:gpt-5, anthropic:claude-sonnet-5' };
  expect(await obstacle(leaf({}), both, { OPENAI_API_KEY: 'sk-1' })).toBe(
    'WF3003 ANTHROPIC_API_KEY is not set, and anthropic needs it',
  );
});
