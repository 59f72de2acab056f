/**
 * What programs hand in, held against what it has to be: JavaScript has no types, and a slip is to be told in
 * words, before anything has begun, and not as a failure deep inside of a run.
 */
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';

/** `undefined`: fits; else what it ought to be. */
type Claim = (value: unknown) => string | undefined;

const MAX_PARALLEL = 10_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasMethods =
  (what: string, names: readonly string[]): Claim =>
  (value) =>
    isObject(value) && names.every((name) => typeof value[name] === 'function') ? undefined : what;

const isFolder: Claim = (value) =>
  typeof value === 'string' && value !== '' && !value.includes('\0')
    ? undefined
    : 'the path of a folder, as text; of a URL: fileURLToPath(url)';

const isProvider: Claim = (value) =>
  isObject(value) && typeof value['name'] === 'string' && value['name'] !== ''
    ? hasMethods('an object whose `call(request, signal)` is a function', ['call'])(value)
    : 'an object with a `name`, and `async *call(request, signal)` that yields events';

const RUN_OPTIONS: Readonly<Record<string, Claim>> = {
  provider: isProvider,
  stateFolder: isFolder,
  store: hasMethods('what openStore has given', ['create', 'append', 'read', 'run']),
  run: (value) =>
    typeof value === 'string' && /^[a-z0-9_-]{1,64}$/.test(value)
      ? undefined
      : 'an id: 1 to 64 of a-z, 0-9, - and _',
  params: (value) => (isObject(value) ? undefined : 'an object: { name: value }'),
  parallel: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MAX_PARALLEL
      ? undefined
      : `a whole number from 1 to ${MAX_PARALLEL}`,
  signal: (value) =>
    value instanceof AbortSignal
      ? undefined
      : 'an AbortSignal; of an AbortController that is `controller.signal`',
};

/** @throws {WhaleFlowError} WF2002 naming what does not fit. */
export function checkRunOptions(options: unknown): void {
  checkOptions('runWorkflow', options, RUN_OPTIONS);
  const { store, stateFolder } = options as Readonly<Record<string, unknown>>;
  if (store === undefined || stateFolder === undefined) return;
  throw new WhaleFlowError('WF2002', 'runWorkflow got both `store` and `stateFolder`', {
    hint: 'take one: a store that is open already, or a folder for this run alone',
  });
}

/** @throws {WhaleFlowError} WF2002 naming what does not fit. */
export function checkStoreOptions(options: unknown): void {
  checkOptions('openStore', options, { stateFolder: isFolder });
  if ((options as { readonly stateFolder?: unknown }).stateFolder !== undefined) return;
  throw new WhaleFlowError('WF2002', 'openStore got no `stateFolder`', {
    hint: "openStore({ stateFolder: 'state' })",
  });
}

function checkOptions(
  name: string,
  options: unknown,
  known: Readonly<Record<string, Claim>>,
): void {
  if (!isObject(options)) {
    const names = Object.keys(known).join(', ');
    throw new WhaleFlowError('WF2002', `${name} got no options`, {
      hint: `give it an object; there are: ${names}`,
    });
  }
  for (const [option, value] of Object.entries(options)) {
    const claim = Object.hasOwn(known, option) ? known[option] : undefined;
    if (claim === undefined) {
      const hint = suggestion(option, Object.keys(known));
      throw new WhaleFlowError('WF2002', `${name} has no option \`${option}\``, {
        hint: hint ?? `there are: ${Object.keys(known).join(', ')}`,
      });
    }
    const wanted = value === undefined ? undefined : claim(value);
    if (wanted !== undefined) {
      throw new WhaleFlowError('WF2002', `${name}: \`${option}\` does not fit`, {
        hint: `\`${option}\` is ${wanted}`,
      });
    }
  }
}

/**
 * Runs of the library have model leaves, and whoever answers them.
 * @throws {WhaleFlowError} WF3001 a leaf that the library cannot run, WF2002 without a provider.
 */
export function checkRunnable(
  spec: WorkflowSpec,
  { provider }: { readonly provider?: unknown },
): void {
  const leaves = leavesBelow(planOf(spec).root);
  const other = leaves.find(({ node }) => node.task.type !== 'model');
  if (other !== undefined) {
    const { node } = other;
    throw new WhaleFlowError(
      'WF3001',
      `${node.id} is a ${node.task.type} leaf, and the library runs model leaves only`,
      { hint: 'run it by the command line: whaleflow run FILE' },
    );
  }
  const [first] = leaves;
  if (first === undefined || provider !== undefined) return;
  throw new WhaleFlowError(
    'WF2002',
    `nobody answers ${first.node.id}: runWorkflow got no \`provider\``,
    {
      hint: `\`provider\` is ${isProvider(undefined)}`,
    },
  );
}

/** @throws {WhaleFlowError} WF1001 for what is no workflow at all. */
export function checkWorkflow(workflow: unknown): void {
  if (isObject(workflow) && ('spec' in workflow || 'diagnostics' in workflow)) {
    throw new WhaleFlowError(
      'WF1001',
      'this is what parseWorkflow has given, not the workflow in it',
      {
        hint: "if ('diagnostics' in parsed) it is refused; else run parsed.spec",
      },
    );
  }
  if (isObject(workflow)) return;
  const isText = typeof workflow === 'string';
  throw new WhaleFlowError('WF1001', `runWorkflow got no workflow${isText ? ', but a text' : ''}`, {
    hint: isText
      ? 'give it a document: an object with id, goal and nodes. Files are run by the command line'
      : 'give it a document: an object with id, goal and nodes, or the spec of parseWorkflow',
  });
}
