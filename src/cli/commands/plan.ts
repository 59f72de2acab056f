/** `whaleflow plan WORKFLOW`: everything that a run may do; starts and calls nothing. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { featureWarnings } from '../../workbench/feature-problems.ts';
import { findSkills, refuseSkills } from '../../workbench/skill-problems.ts';
import { toDot, toMermaid } from '../../workflow/diagram.ts';
import { planOutline } from '../../workflow/plan-outline.ts';
import { leastBudget } from '../ceilings.ts';
import { compileWord } from '../compile-word.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { planJson, planLines } from '../plan-page.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output, flags } = context;
  const workbench = await context.workbench();
  const config = await context.config();
  const compiled = compileWord(context.host, workbench, input.words[0] ?? '');
  const off = featureWarnings(compiled, config);
  refuseSkills(findSkills(workbench, compiled));
  warn(context, [...config.warnings, ...compiled.warnings, ...off]);
  const { spec } = compiled;
  if (flags.format === 'mermaid') output.raw(toMermaid(spec));
  else if (flags.format === 'dot') output.raw(toDot(spec));
  else {
    const budget = leastBudget([spec.budget, config.ceilings]);
    const page = { compiled, outline: planOutline(spec), budget, isFull: input.has('full') };
    const { style, columns: width } = output;
    if (output.isJson) output.json(planJson(page));
    else for (const line of planLines(page, { style, width })) output.data(line);
  }
  return 0;
}
