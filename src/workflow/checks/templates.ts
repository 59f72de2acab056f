/** Templates: every hole can be filled, and from what is known to be there. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { HarvestDocument } from '../document.ts';
import type { JsonSchema } from '../limits.ts';
import { previousName } from '../node-id.ts';
import type { DocumentPath, Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { toReference } from '../parse/references.ts';
import type { Inputs } from '../reference.ts';
import { parseTemplate, splitName, type TemplateValuePart } from '../template.ts';
import { around, below, type Check, named, type Plan } from './plan.ts';
import { reach, type Standpoint } from './reach.ts';
import { noField, shapeOf, toProblem } from './references.ts';
import { itemsOf, shapeAt } from './schema-path.ts';

interface Text {
  readonly text: string;
  readonly at: DocumentPath;
  readonly inputs: Inputs;
  readonly standpoint: Standpoint;
  /** Names stand for nodes directly, without `inputs`. */
  readonly isCondition?: boolean;
  /** A shell would read what is put in. */
  readonly isShell?: boolean;
}

const MAX_COMPARED_NAMES = 100;

export const checkTemplates: Check = (plan) =>
  plan.entries.flatMap(textsOf).flatMap((text) => checkText(plan, text));

function checkText(plan: Plan, text: Text): readonly Problem[] {
  const { parts, problems } = parseTemplate(text.text);
  const unreadable = problems.map(
    (problem): Problem => ({
      code: 'WF1206',
      message: problem.message,
      at: text.at,
      label: `in \`${problem.text.slice(0, 60)}\``,
      help: 'write `\\{{` for braces that are no template',
    }),
  );
  const filled = parts.flatMap((part) => {
    if (part.type === 'text') return [];
    const problem = text.isShell === true ? inShell(part, text) : checkHole(plan, text, part);
    return problem === undefined ? [] : [problem];
  });
  return [...unreadable, ...filled];
}

function checkHole(plan: Plan, text: Text, part: TemplateValuePart): Problem | undefined {
  switch (part.source) {
    case 'inputs':
      return checkInput(plan, text, part);
    case 'previous':
      return checkPrevious(plan, text, part);
    case 'params':
      return checkParam(plan, text, part);
    case 'item':
      return checkItem(plan, text, part);
    case 'iteration':
      return enclosing(text, 'loop_until') === undefined
        ? bad(text, part, '`iteration` stands in no loop')
        : undefined;
  }
}

function checkInput(plan: Plan, text: Text, part: TemplateValuePart): Problem | undefined {
  const split = splitName(part.path, (name) => Object.hasOwn(text.inputs, name));
  const wanted = part.path.join('.');
  if (split === undefined) {
    const node = splitName(part.path, (name) => plan.byId.has(name))?.name;
    const [first] = part.path as readonly [string];
    const help =
      node !== undefined && text.isCondition !== true
        ? `add \`${node}\` to \`inputs\``
        : text.isCondition === true
          ? plan.suggestId(first)
          : suggestion(first, Object.keys(text.inputs).slice(0, MAX_COMPARED_NAMES));
    return bad(text, part, `no input \`${wanted}\``, help);
  }
  const reference = text.inputs[split.name];
  // `previous(x)` in a list of inputs is the name of what `{{previous.x}}` shows.
  if (reference === undefined) return undefined;
  const reached = reach(plan, text.standpoint, reference);
  if (reached === undefined) return undefined;
  if ('code' in reached)
    return text.isCondition === true ? { ...toProblem(reached), at: text.at } : undefined;
  const path = [...(reference.field?.split('.') ?? []), ...split.rest];
  const field = shapeAt(shapeOf(plan, text.standpoint, reference), path);
  return field.type === 'absent'
    ? noField(reached.target, path, field, text.at, 'WF1206')
    : undefined;
}

function checkPrevious(plan: Plan, text: Text, part: TemplateValuePart): Problem | undefined {
  const split = splitName(part.path, (name) => plan.byId.has(name));
  if (split === undefined) {
    const help = plan.suggestId(part.path[0] as string);
    return bad(text, part, `no node \`${part.path.join('.')}\``, help);
  }
  const reference = { node: split.name, previous: true };
  const reached = reach(plan, text.standpoint, reference);
  if (reached === undefined) return undefined;
  if ('code' in reached) return { ...toProblem(reached), code: 'WF1206', at: text.at };
  const field = shapeAt(shapeOf(plan, text.standpoint, reference), split.rest);
  return field.type === 'absent'
    ? noField(reached.target, split.rest, field, text.at, 'WF1206')
    : undefined;
}

function checkParam(plan: Plan, text: Text, part: TemplateValuePart): Problem | undefined {
  const field = shapeAt(plan.spec.params, part.path);
  if (field.type !== 'absent') return undefined;
  return bad(
    text,
    part,
    `no parameter \`${part.path.join('.')}\``,
    suggestion(field.segment, field.fields) ?? 'declare it in the `params` schema',
  );
}

function checkItem(plan: Plan, text: Text, part: TemplateValuePart): Problem | undefined {
  const expand = enclosing(text, 'expand');
  if (expand?.document.kind !== 'expand') return bad(text, part, '`item` stands in no expand');
  const field = shapeAt(itemShape(plan, expand), part.path);
  if (field.type !== 'absent') return undefined;
  return bad(
    text,
    part,
    `items of ${named(expand)} have no \`${part.path.join('.')}\``,
    suggestion(field.segment, field.fields),
  );
}

/** What one item of an expand looks like, where it is known. */
export function itemShape(plan: Plan, expand: Entry): JsonSchema | undefined {
  if (expand.document.kind !== 'expand') return undefined;
  const source = toReference(expand.document.source);
  const shape = shapeOf(plan, { from: expand }, source);
  if (shape === undefined) return undefined;
  const list = shapeAt(shape, source.field?.split('.') ?? []);
  if (list.type !== 'known' || typeof list.schema === 'boolean') return undefined;
  const definitions =
    typeof shape === 'object' && '$defs' in shape ? { $defs: shape['$defs'] } : {};
  return itemsOf({ ...definitions, ...list.schema } as JsonSchema);
}

/** The innermost loop, or the innermost expand in whose template the text stands. */
function enclosing({ standpoint }: Text, kind: 'loop_until' | 'expand'): Entry | undefined {
  const { from, isAfterChildren } = standpoint;
  if (isAfterChildren === true && from?.node.kind === kind) return from;
  let inner: Entry | undefined;
  for (const entry of around(from)) {
    if (inner !== undefined && entry.node.kind === kind && inner.side !== 'onConflict')
      return entry;
    inner = entry;
  }
  return undefined;
}

function bad(text: Text, part: TemplateValuePart, message: string, help?: string): Problem {
  return {
    code: 'WF1206',
    message,
    at: text.at,
    label: `in \`{{${part.text}}}\``,
    help,
  };
}

const inShell = (part: TemplateValuePart, { at }: Text): Problem => ({
  code: 'WF1206',
  message: 'a shell would read what is put in here as a program',
  at,
  label: `\`{{${part.text}}}\` in a shell command`,
  help: 'give `argv` as one string: what is put in then goes in as a quoted parameter',
});

function textsOf(entry: Entry): readonly Text[] {
  const { node, document, at } = entry;
  const standpoint = { from: entry };
  switch (document.kind) {
    case 'leaf':
    case 'reduce': {
      const inputs =
        node.kind === 'leaf' ? node.inputs : node.kind === 'reduce' ? node.reducer.inputs : {};
      return taskTexts(document.task, below(at, 'task')).map((text) => ({
        ...text,
        inputs: withoutPrevious(inputs),
        standpoint,
      }));
    }
    case 'loop_until':
      return typeof document.until === 'string' && node.kind === 'loop_until'
        ? [
            {
              text: document.until,
              at: below(at, 'until'),
              inputs: node.judge?.inputs ?? {},
              standpoint: { from: entry, isAfterChildren: true },
              isCondition: true,
            },
          ]
        : [];
    case 'cond':
      return typeof document.test === 'string' && node.kind === 'cond'
        ? [
            {
              text: document.test,
              at: below(at, 'test'),
              inputs: node.judge?.inputs ?? {},
              standpoint,
              isCondition: true,
            },
          ]
        : [];
    case 'tournament':
      return [
        ...(document.rank.rubric !== undefined && node.kind === 'tournament'
          ? [
              {
                text: document.rank.rubric,
                at: below(at, 'rank', 'rubric'),
                inputs: node.judge?.inputs ?? {},
                standpoint,
              },
            ]
          : []),
        ...checkTexts(entry, document.harvest),
      ];
    case 'pareto':
    case 'branch_set':
    case 'expand':
      return checkTexts(entry, document.harvest);
    case 'approve':
      return [{ text: document.message, at: below(at, 'message'), inputs: {}, standpoint }];
    case 'sequence':
    case 'teacher_review':
      return [];
  }
}

/** The check of a harvest is a command without inputs. */
function checkTexts(entry: Entry, harvest: HarvestDocument | undefined): readonly Text[] {
  if (harvest === undefined) return [];
  const texts = taskTexts({ type: 'command', argv: harvest.argv }, below(entry.at, 'harvest'));
  return texts.map((text) => ({ ...text, inputs: {}, standpoint: { from: entry } }));
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'fish']);

type TaskDocument = Extract<Entry['document'], { kind: 'leaf' }>['task'];

function taskTexts(
  task: TaskDocument,
  at: DocumentPath,
): readonly Pick<Text, 'text' | 'at' | 'isShell'>[] {
  switch (task.type) {
    case 'model':
    case 'agent':
      return [
        { text: task.prompt, at: below(at, 'prompt') },
        ...(task.system === undefined ? [] : [{ text: task.system, at: below(at, 'system') }]),
      ];
    case 'external':
    case 'rlm':
      return [{ text: task.prompt, at: below(at, 'prompt') }];
    case 'command': {
      if (typeof task.argv === 'string') return [{ text: task.argv, at: below(at, 'argv') }];
      const { argv, shell } = task;
      // As one string it is run with values as parameters; in a list nobody knows that it is a program.
      const isShell = shell === undefined && SHELLS.has((argv[0] ?? '').split('/').at(-1) ?? '');
      const script = isShell ? argv.findIndex((argument) => /^-\w*c$/.test(argument)) + 1 : 0;
      return argv.map((text, index) => ({
        text,
        at: below(at, 'argv', index),
        isShell: script > 0 && index === script,
      }));
    }
    case 'search':
      return [{ text: task.query, at: below(at, 'query') }];
    case 'memory':
      return [{ text: task.key, at: below(at, 'key') }];
  }
}

/** What `{{previous.x}}` brought in is not to be named as an input. */
function withoutPrevious(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).filter(([name, { node }]) => name !== previousName(node)),
  );
}
