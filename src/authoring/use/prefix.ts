/** Ids of an inlined workflow get a prefix, and everything in it that names a node. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseNodeReference } from '../../workflow/node-id.ts';
import { splitName } from '../../workflow/template.ts';
import { mapHoles } from './template-text.ts';

/** Nodes with ids `prefix.id`. What is no valid node stays as it is, for the gate to refuse. */
export function prefixed(nodes: Json, prefix: string): Json {
  const ids = new Set<string>();
  collect(nodes, ids);
  const scope: Scope = { prefix, ids };
  return Array.isArray(nodes) ? nodes.map((node: Json) => inNode(scope, node)) : nodes;
}

interface Scope {
  readonly prefix: string;
  readonly ids: ReadonlySet<string>;
}

const LISTS = ['children', 'then', 'else'] as const;
const SINGLE = ['template', 'onConflict'] as const;
const TASK_TEXTS = ['prompt', 'system', 'query', 'key'] as const;

function collect(value: Json | undefined, ids: Set<string>): void {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) collect(item, ids);
  else if (isJsonObject(value)) {
    if (typeof value['id'] === 'string') ids.add(value['id']);
    for (const side of [...LISTS, ...SINGLE]) collect(value[side], ids);
  }
}

function inNode(scope: Scope, node: Json): Json {
  if (!isJsonObject(node)) return node;
  const copy: Record<string, Json> = { ...node };
  const change = (field: string, map: (value: Json) => Json): void => {
    const value = copy[field];
    if (value !== undefined) copy[field] = map(value);
  };
  const each = (map: (value: Json) => Json) => (value: Json) =>
    Array.isArray(value) ? value.map(map) : value;
  change('id', (id) => name(scope, id));
  for (const side of LISTS)
    change(
      side,
      each((child) => inNode(scope, child)),
    );
  for (const side of SINGLE) change(side, (child) => inNode(scope, child));
  change('inputs', (inputs) => inInputs(scope, inputs));
  change('source', (source) => inReference(scope, source));
  change(
    'candidates',
    each((id) => name(scope, id)),
  );
  for (const field of ['until', 'test'])
    change(field, (said) =>
      typeof said === 'string' ? inText(scope, said, true) : inPredicate(scope, said),
    );
  change('message', (text) => inText(scope, text, false));
  change('rank', (rank) => within(rank, 'rubric', (text) => inText(scope, text, true)));
  change('harvest', (harvest) => inTask(scope, harvest, false));
  const areIds = Array.isArray(node['inputs']);
  change('task', (task) => inTask(scope, task, areIds));
  return copy;
}

function inTask(scope: Scope, task: Json, areIds: boolean): Json {
  const text = (said: Json): Json => inText(scope, said, areIds);
  let changed = task;
  for (const field of TASK_TEXTS) changed = within(changed, field, text);
  if (areIds) changed = within(changed, 'variable', (variable) => name(scope, variable));
  return within(changed, 'argv', (argv) =>
    Array.isArray(argv) ? argv.map((said: Json) => text(said)) : text(argv),
  );
}

function within(value: Json, field: string, map: (member: Json) => Json): Json {
  const member = isJsonObject(value) ? value[field] : undefined;
  return member === undefined ? value : { ...(value as JsonObject), [field]: map(member) };
}

// Unknown names get the prefix too: a used workflow never reaches into the one that uses it.
const name = ({ prefix }: Scope, id: Json): Json =>
  typeof id === 'string' ? `${prefix}.${id}` : id;

function inReference(scope: Scope, reference: Json): Json {
  if (typeof reference !== 'string')
    return within(reference, 'node', (node) => inReference(scope, node));
  const { node, previous } = parseNodeReference(reference);
  const renamed = name(scope, node) as string;
  return previous === true ? `previous(${renamed})` : renamed;
}

/** The ids of a list are also the names of the inputs. */
function inInputs(scope: Scope, inputs: Json): Json {
  if (Array.isArray(inputs)) return inputs.map((one: Json) => inReference(scope, one));
  if (!isJsonObject(inputs)) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([input, reference]) => [input, inReference(scope, reference)]),
  );
}

function inPredicate(scope: Scope, predicate: Json): Json {
  const named = within(predicate, 'node', (node) => name(scope, node));
  return within(named, 'of', (of) =>
    Array.isArray(of) ? of.map((one: Json) => inPredicate(scope, one)) : inPredicate(scope, of),
  );
}

/** `previous.X` names a node; `inputs.X` does where names of inputs are ids. */
function inText(scope: Scope, text: Json, namesNodes: boolean): Json {
  if (typeof text !== 'string') return text;
  return mapHoles(text, (hole) => {
    if (hole.source !== 'previous' && !(namesNodes && hole.source === 'inputs'))
      return `{{${hole.text}}}`;
    const split = splitName(hole.path, (id) => scope.ids.has(id));
    const named = split === undefined ? hole.path : [split.name, ...split.rest];
    const path = [hole.source, scope.prefix, ...named].join('.');
    return `{{${path}}}`;
  });
}
