/** Fields that depend on one another. */
import type { JsonSchema } from '../limits.ts';
import type { Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { outputShape } from './output-shape.ts';
import { below, type Check, named, type Plan } from './plan.ts';
import { noField } from './references.ts';
import { shapeAt } from './schema-path.ts';
import { itemShape } from './templates.ts';

export const checkFields: Check = (plan) => plan.entries.flatMap((entry) => checkNode(plan, entry));

function checkNode(plan: Plan, entry: Entry): readonly Problem[] {
  const { document, node, at } = entry;
  switch (document.kind) {
    case 'leaf':
    case 'reduce':
      return [...checkRetry(entry), ...checkVariable(entry), ...checkShell(entry)];
    case 'tournament': {
      const { by, field } = document.rank;
      if (by !== 'field') return [];
      if (field === undefined) return [needsField(entry, below(at, 'rank'))];
      return scoreFields(plan, document.candidates, field, below(at, 'rank', 'field'));
    }
    case 'pareto':
      return document.objectives.flatMap(({ by, field }, index) => {
        if (by !== 'field') return [];
        if (field === undefined) return [needsField(entry, below(at, 'objectives', index))];
        const place = below(at, 'objectives', index, 'field');
        return scoreFields(plan, document.candidates, field, place);
      });
    case 'expand': {
      const problems = checkHarvest(entry);
      if (document.key === undefined || node.kind !== 'expand') return problems;
      const field = shapeAt(itemShape(plan, entry), document.key.split('.'));
      if (field.type !== 'absent') return problems;
      return [
        ...problems,
        {
          code: 'WF1202',
          message: `items of ${named(entry)} have no \`${document.key}\``,
          at: below(at, 'key'),
          ...(field.fields.length > 0 ? { notes: [`fields: ${field.fields.join(', ')}`] } : {}),
        },
      ];
    }
    case 'branch_set':
      return checkHarvest(entry);
    case 'sequence':
    case 'loop_until':
    case 'cond':
    case 'teacher_review':
    case 'approve':
      return [];
  }
}

/** Only where one child wins, or several are merged, there is a tree to try the others on. */
function checkHarvest({ node, at }: Entry): readonly Problem[] {
  if (node.kind !== 'branch_set' && node.kind !== 'expand') return [];
  if (node.harvest === undefined || node.trees === 'merge') return [];
  const isSet = node.kind === 'branch_set';
  if (isSet && node.join === 'first_success') return [];
  return [
    {
      code: 'WF1005',
      message: `\`${node.id}\` has no tree to harvest losers on`,
      at: below(at, 'harvest'),
      part: 'key',
      label: isSet ? `\`join\` is ${node.join}, and nothing is merged` : 'nothing is merged',
      help: `set ${isSet ? '`join: first_success` or ' : ''}\`trees: merge\`, or put a tournament over the branches`,
    },
  ];
}

function needsField(entry: Entry, at: Entry['at']): Problem {
  return {
    code: 'WF1003',
    message: `${named(entry)} goes by a field, and names none`,
    at: below(at, 'by'),
    label: '`field` is missing',
    help: 'add `field`: where the number stands in the output of a candidate',
  };
}

function scoreFields(
  plan: Plan,
  candidates: readonly string[],
  field: string,
  at: Entry['at'],
): readonly Problem[] {
  return candidates.flatMap((id) => {
    const candidate = plan.byId.get(id);
    if (candidate === undefined) return [];
    const { node } = candidate;
    const scored: JsonSchema | undefined = outputShape(
      node.kind === 'expand' ? node.template : node,
    );
    const path = field.split('.');
    const found = shapeAt(scored, path);
    return found.type === 'absent' ? [noField(candidate, path, found, at)] : [];
  });
}

function checkRetry({ node, at }: Entry): readonly Problem[] {
  const leaf = node.kind === 'reduce' ? node.reducer : node;
  if (leaf.kind !== 'leaf' || leaf.retry.backoffMs <= leaf.retry.maxBackoffMs) return [];
  return [
    {
      code: 'WF1005',
      message: `the backoff of \`${node.id}\` is longer than its bound`,
      at: below(at, 'retry', 'backoffMs'),
      label: `\`maxBackoffMs\` is ${leaf.retry.maxBackoffMs}`,
    },
  ];
}

function checkVariable({ node, at }: Entry): readonly Problem[] {
  const leaf = node.kind === 'reduce' ? node.reducer : node;
  if (leaf.kind !== 'leaf' || leaf.task.type !== 'rlm') return [];
  if (Object.hasOwn(leaf.inputs, leaf.task.variable)) return [];
  return [
    {
      code: 'WF1202',
      message: `no input \`${leaf.task.variable}\` to be the variable of \`${node.id}\``,
      at: below(at, 'task', 'variable'),
    },
  ];
}

function checkShell({ document, at }: Entry): readonly Problem[] {
  if (document.kind !== 'leaf' && document.kind !== 'reduce') return [];
  const { task } = document;
  if (task.type !== 'command' || task.shell === undefined || typeof task.argv === 'string')
    return [];
  const [program, option] = task.argv;
  if (program === 'bash' && option === '-c' && task.argv.length === 3) return [];
  return [
    {
      code: 'WF1005',
      message: '`shell` goes with one program for bash',
      at: below(at, 'task', 'shell'),
      help: 'give `argv` as one string, or leave `shell` out',
    },
  ];
}
