/** Why leaves that ask models cannot run here: found before anything is started. */
import { WhaleFlowError } from '../../base/errors.ts';
import { DEFAULT_ROLE } from '../../workflow/route-key.ts';
import { howToStart, isListening, isLocal } from './local-server.ts';
import type { ProviderRow } from './models-config.ts';
import { needsList, priceOf } from './prices.ts';
import { readProviderKey } from './provider-key.ts';
import { providerOf } from './provider-of.ts';
import { ableNames, type ModelLeaf, namesFor } from './routing.ts';
import type { RunModels } from './run-models.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_NOTES = 10;

/**
 * The first obstacle, with the leaves that it stands in the way of: WF3002 no model or provider, WF3004 none
 * that can do it, WF3003 no key, WF4003 no price, WF3005 a server of this machine that does not run.
 * `isPriced`: there is a ceiling of money.
 */
export async function modelObstacle(
  leaves: readonly ModelLeaf[],
  run: RunModels,
  { env, isPriced }: { readonly env: Environment; readonly isPriced: boolean },
): Promise<WhaleFlowError | undefined> {
  const leavesOf = new Map<string, ModelLeaf[]>();
  for (const leaf of leaves) {
    const names = namesFor(leaf.policy, run.routes);
    const able = ableNames(names, leaf.needs, run.models);
    if (names.length === 0) return unanswered(leaf, leaves, { ...run, env });
    if (able.length === 0) return unable(leaf, names);
    for (const name of able) leavesOf.set(name, [...(leavesOf.get(name) ?? []), leaf]);
  }
  for (const [name, asking] of leavesOf) {
    const obstacle = await nameObstacle(name, run, { env, isPriced });
    if (obstacle !== undefined) return withLeaves(obstacle, name, asking);
  }
  return silentServer([...leavesOf.keys()], leaves, run);
}

/** A leaf whose models are all served by this machine, where none of them is. */
async function silentServer(
  names: readonly string[],
  leaves: readonly ModelLeaf[],
  { routes, models }: RunModels,
): Promise<WhaleFlowError | undefined> {
  const silent = new Set<string>();
  for (const name of names) {
    const { row } = providerOf(name, models);
    if (isLocal(row) && !(await isListening(row))) silent.add(name);
  }
  const namesOf = ({ policy, needs }: ModelLeaf): readonly string[] =>
    ableNames(namesFor(policy, routes), needs, models);
  const stuck = leaves.filter((leaf) => namesOf(leaf).every((name) => silent.has(name)));
  const [name] = stuck.flatMap(namesOf);
  if (name === undefined) return undefined;
  const { row, model } = providerOf(name, models);
  const message = `nothing listens at ${new URL(row.baseUrl).host}, where the provider ${row.name} ought to be`;
  const hint = [
    howToStart(row, model),
    `then: whaleflow providers test ${name}`,
    `if it is elsewhere: whaleflow config set providers.${row.name}.base_url URL`,
  ].join('     ');
  const asking = stuck.filter((leaf) => namesOf(leaf).includes(name));
  return withLeaves(new WhaleFlowError('WF3005', message, { hint }), name, asking);
}

const roleOf = ({ policy }: ModelLeaf): string => policy.role ?? DEFAULT_ROLE;

function unanswered(
  leaf: ModelLeaf,
  leaves: readonly ModelLeaf[],
  { routes, models, env }: RunModels & { readonly env: Environment },
): WhaleFlowError {
  const role = roleOf(leaf);
  const all = leaves.filter((one) => namesFor(one.policy, routes).length === 0);
  const notes = all.slice(0, MAX_NOTES).map((one) => `${one.id} asks the role ${roleOf(one)}`);
  const [ready] = readyProviders(models, env);
  const at = ready?.name ?? 'PROVIDER';
  // The mock that answers for models calls no tools.
  const needsTools = leaves.some(({ needs }) => needs.includes('tools'));
  const without = needsTools ? 'its shape without any: --mock' : 'made-up answers: --model mock';
  return new WhaleFlowError('WF3002', `no model is configured for the role ${role}`, {
    notes: [...notes, keysNote(models, env)],
    hint: `--model ${at}:MODEL     for all runs: whaleflow config set roles.default ${at}:MODEL     ${without}`,
  });
}

const readyProviders = (
  { providers }: RunModels['models'],
  env: Environment,
): readonly ProviderRow[] =>
  [...providers.values()].filter(({ key }) => key?.type === 'env' && (env[key.name] ?? '') !== '');

/** Who could answer, by what is there. */
function keysNote(models: RunModels['models'], env: Environment): string {
  const ready = readyProviders(models, env).map(
    ({ name, key }) => `${name} (${key?.type === 'env' ? key.name : ''} is set)`,
  );
  if (ready.length > 0) return `could answer: ${ready.join(', ')}`;
  const local = [...models.providers.values()].filter(
    (row) => row.key === undefined && isLocal(row),
  );
  const names = local.map(({ name }) => name).join(', ');
  return `no key of a known provider is set; servers on this machine need none: ${names}`;
}

function unable({ id, needs, policy }: ModelLeaf, names: readonly string[]): WhaleFlowError {
  const message = `${id} needs ${needs.join(', ')}, which ${names.join(', ')} cannot`;
  const role = policy.role ?? DEFAULT_ROLE;
  return new WhaleFlowError('WF3004', message, {
    hint: `name another: --model ${role}=PROVIDER:MODEL     what is known of each: whaleflow providers ls`,
  });
}

async function nameObstacle(
  name: string,
  { models, allowUnknownCost }: RunModels,
  { env, isPriced }: { readonly env: Environment; readonly isPriced: boolean },
): Promise<WhaleFlowError | undefined> {
  try {
    const { row, model } = providerOf(name, models);
    readProviderKey(row, env);
    if (!isPriced || allowUnknownCost) return undefined;
    const list = needsList(name, row, models)
      ? (await import('./price-list.ts')).priceList
      : undefined;
    if (priceOf({ row, model }, models, list) !== undefined) return undefined;
    return new WhaleFlowError('WF4003', `no price is known for ${name}`, {
      hint: `set it: [prices."${name}"]     or spend without knowing: --allow-unknown-cost`,
    });
  } catch (thrown) {
    if (thrown instanceof WhaleFlowError) return thrown;
    throw thrown;
  }
}

function withLeaves(
  { code, message, hint }: WhaleFlowError,
  name: string,
  leaves: readonly ModelLeaf[],
): WhaleFlowError {
  const notes = leaves
    .slice(0, MAX_NOTES)
    .map((leaf) => `${leaf.id} asks ${name} as ${roleOf(leaf)}`);
  return new WhaleFlowError(code, message, { notes, ...(hint === undefined ? {} : { hint }) });
}
