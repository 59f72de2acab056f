/** Rights and budgets only narrow downwards, and a node has the rights that it needs. */
import { pathGlobCovers, textGlobCovers } from '../../base/glob.ts';
import type { Budget, Permissions } from '../limits.ts';
import type { DocumentPath, Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { commandGlob } from '../parse/rights.ts';
import { commandOf, type LeafTask } from '../task.ts';
import { around, below, type Check, named, type Plan } from './plan.ts';

export const checkRights: Check = (plan) =>
  plan.entries.flatMap((entry) => [
    ...widenedPermissions(plan, entry),
    ...widenedBudget(plan, entry),
    ...widenedMode(entry),
    ...widenedScope(entry),
    ...missingRights(entry),
  ]);

const FLAGS = ['write', 'shell', 'network'] as const;
const LISTS = ['commands', 'tools', 'env'] as const;

function widenedPermissions(plan: Plan, { document, at, parent }: Entry): readonly Problem[] {
  const own = document.permissions;
  if (own === undefined) return [];
  const granted: Permissions = parent?.node.permissions ?? plan.spec.permissions;
  const giver = parent === undefined ? 'the workflow' : named(parent);
  const flags = FLAGS.filter((name) => own[name] === true && !granted[name]).map((name) =>
    widened(`${giver} does not grant \`${name}\``, below(at, 'permissions', name)),
  );
  const lists = LISTS.flatMap((name) =>
    (own[name] ?? []).flatMap((glob, index) =>
      textGlobCovers(granted[name], glob)
        ? []
        : [
            widened(
              `${giver} does not grant \`${glob}\` in \`${name}\``,
              below(at, 'permissions', name, index),
              granted[name].length > 0 ? [`granted: ${granted[name].join(', ')}`] : undefined,
            ),
          ],
    ),
  );
  return [...flags, ...lists];
}

const BUDGET_FIELDS = ['maxCostMicroUsd', 'maxTokens', 'maxLeaves', 'maxSteps', 'maxMs'] as const;

function widenedBudget(plan: Plan, { document, at, parent }: Entry): readonly Problem[] {
  const own = document.budget;
  if (own === undefined) return [];
  return BUDGET_FIELDS.flatMap((name) => {
    const wanted = own[name];
    const outer = [...around(parent)].find(({ document: { budget } }) => budget?.[name]);
    const limit = ((outer?.document.budget ?? plan.spec.budget) as Budget)[name];
    if (wanted === undefined || limit === undefined || wanted <= limit) return [];
    const giver = outer === undefined ? 'the workflow' : named(outer);
    return [widened(`${giver} has \`${name}\` ${limit}`, below(at, 'budget', name))];
  });
}

function widenedMode({ document, at, parent }: Entry): readonly Problem[] {
  if (document.mode !== 'read_write') return [];
  const outer = [...around(parent)].find((entry) => entry.document.mode !== undefined);
  return outer?.document.mode === 'read_only'
    ? [widened(`${named(outer)} is read_only`, below(at, 'mode'))]
    : [];
}

function widenedScope({ document, at, parent }: Entry): readonly Problem[] {
  const outer = parent?.node.fileScope;
  if (document.fileScope === undefined || outer === undefined) return [];
  return document.fileScope.flatMap((glob, index) =>
    pathGlobCovers(outer, glob)
      ? []
      : [
          widened(
            `\`${glob}\` is not within the file scope of ${named(parent as Entry)}`,
            below(at, 'fileScope', index),
            [`in scope: ${outer.join(', ')}`],
          ),
        ],
  );
}

const widened = (message: string, at: DocumentPath, notes?: readonly string[]): Problem => ({
  code: 'WF1303',
  message,
  at,
  label: 'wider than what is around it',
  ...(notes === undefined ? {} : { notes }),
});

function missingRights(entry: Entry): readonly Problem[] {
  const { node, document, at } = entry;
  const problems: Problem[] = [];
  if (document.mode === 'read_write' && !node.permissions.write)
    problems.push({
      code: 'WF1306',
      message: `${named(entry)} may not write`,
      at: below(at, 'mode'),
      label: 'needs the permission `write`',
      help: 'grant it: `permissions: {write: true}`',
    });
  const isHarvest = 'harvest' in node && node.harvest !== undefined;
  if (isHarvest && !node.permissions.write)
    problems.push({
      code: 'WF1306',
      message: `${named(entry)} may not write`,
      at: below(at, 'harvest'),
      label: 'puts tests into a tree, and needs the permission `write`',
      help: 'grant it: `permissions: {write: true}`',
    });
  const task = taskOf(node);
  const run = task === undefined ? undefined : commandOf(task);
  if (run === undefined) return problems;
  const { glob, isFixed } = commandGlob(run.argv, run.shell);
  const place = isHarvest ? 'harvest' : 'task';
  const command = { at: below(at, place, 'argv'), code: 'WF1306' } as const;
  if (!node.permissions.shell)
    problems.push({
      ...command,
      message: `${named(entry)} may not run commands`,
      label: 'needs the permission `shell`',
      help: 'grant it: `permissions: {shell: true, commands: [...]}`',
    });
  else if (!textGlobCovers(node.permissions.commands, glob))
    problems.push({
      ...command,
      message: `no permission covers the command of ${named(entry)}`,
      label: !isFixed ? 'not granted with arguments that are filled in' : 'not granted',
      ...(node.permissions.commands.length > 0
        ? { notes: [`granted: ${node.permissions.commands.join(', ')}`] }
        : {}),
      help: `grant it: \`permissions: {shell: true, commands: [${JSON.stringify(glob)}]}\``,
    });
  return problems;
}

function taskOf(node: Entry['node']): LeafTask | undefined {
  if (node.kind === 'leaf') return node.task;
  if ('harvest' in node) return node.harvest?.task;
  return node.kind === 'reduce' ? node.reducer.task : undefined;
}
