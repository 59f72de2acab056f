/** `whaleflow init`: looks around, shows what it would write, asks once, writes what is not there. */
import { relative } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { carryOutInit, type InitPlan, planInit } from '../../workbench/init-repository.ts';

import { ask } from '../ask.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import { typable } from '../typed.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output, flags, mayAsk } = context;
  const wished = input.text('model');
  const workbench = await context.workbench();
  const config = await context.config();
  warn(context, config.warnings);
  const plan = await planInit(workbench, config, wished);
  if (!output.isJson) for (const line of planLines(context, plan)) output.talk(line);
  const isDone = plan.files.length === 0 && plan.model === undefined;
  if (!isDone && !flags.yes) {
    if (!mayAsk) {
      throw new WhaleFlowError('WF2101', 'files would be written, and nobody can be asked here', {
        notes: plan.files.map(({ path }) => path),
        hint: 'whaleflow init --yes',
      });
    }
    if (!(await ask(context, ' [Enter] write them   [Esc] stop '))) {
      output.talk('nothing was written');
      return 1;
    }
  }
  const written = carryOutInit(workbench, plan);
  if (output.isJson) {
    const { surroundings, present, model, hasGit } = plan;
    output.json({
      schema: 'whaleflow.init/1',
      written: [...written],
      present: [...present],
      model: model ?? null,
      repository: hasGit,
      keys: surroundings.keyed.map(({ name }) => name),
      servers: surroundings.serving.map(({ name }) => name),
      agents: [...surroundings.agents],
      checks: surroundings.checks.map((argv) => argv.join(' ')),
    });
    return 0;
  }
  const { style, columns } = output;
  for (const path of written) {
    output.data(lineText([markSegment('done', style), { text: ` wrote ${path}` }], style, columns));
  }
  if (written.length === 0) output.data('it is set up: nothing was written');
  for (const line of nextLines(context, plan, config.models.roles.size > 0)) output.talk(line);
  return 0;
}

function planLines({ cwd }: CommandContext, plan: InitPlan): readonly string[] {
  const { surroundings, files, present, model, isTrusting, hasGit } = plan;
  const { keyed, serving, agents, checks } = surroundings;
  const found = [
    ...keyed.flatMap(({ key }) => (key?.type === 'env' ? [key.name] : [])),
    ...serving.map(({ name, baseUrl }) => `${name} on ${new URL(baseUrl).host}`),
    ...agents,
    ...checks.map((argv) => argv.join(' ')),
  ];
  const shown = (path: string): string => relative(cwd, path) || path;
  return [
    `found   ${found.length === 0 ? 'no key, no model server, no agent' : found.join(' · ')}`,
    ...(hasGit ? [] : NO_GIT),
    ...present.map((path) => `stays   ${shown(path)}`),
    ...files.map(({ path }) => `write   ${shown(path)}`),
    ...(isTrusting ? ['trust   this folder, whose settings these are'] : []),
    ...(model === undefined ? [] : [`answers ${model}, for all roles, in your own settings`]),
  ];
}

const NO_GIT: readonly string[] = [
  'git     no repository here; workflows that work on files need one with a commit:',
  '        git init && git add -A && git commit -m start',
];

/** What can be typed now. */
function nextLines(
  { known }: CommandContext,
  { model, surroundings }: InitPlan,
  hasRoles: boolean,
): readonly string[] {
  const [server] = surroundings.serving;
  const lines =
    model !== undefined || hasRoles
      ? ['whaleflow providers test', 'whaleflow run first-look']
      : [
          'whaleflow run first-look --mock -y',
          `whaleflow providers add ${server?.name ?? 'PROVIDER'} --model MODEL`,
        ];
  return [...lines, 'whaleflow plan diagnose']
    .filter((line) => known.has(line.split(' ')[1] ?? ''))
    .map((line) => `try     ${typable(line)}`);
}
