/** Ceilings of one run: the least of what the workflow, the config and the command line say. */

import { printable } from '../base/printable.ts';
import { boundRaise } from '../workbench/bound-raise.ts';
import type { PreparedRun } from '../workbench/prepare-run.ts';
import type { Budget } from '../workflow/limits.ts';
import { planOutline } from '../workflow/plan-outline.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

/** `--max-usd`, `--max-tokens`, `--max-time`, `--max-leaves`, `--max-steps`. @throws {WhaleFlowError} WF2002. */
export function readCeilings(input: CommandInput): Budget {
  return defined({
    maxCostMicroUsd: input.microUsd('max-usd'),
    maxTokens: input.amount('max-tokens'),
    maxMs: input.durationMs('max-time'),
    maxLeaves: input.integer('max-leaves', 1),
    maxSteps: input.integer('max-steps', 1),
  });
}

/** ` --max-leaves N`: the ceiling that a run needs which its budget stopped; empty for any other. */
export function raiseText(because = ''): string {
  if (!because.startsWith('budget')) return '';
  if (/\d leaves /.test(because)) return ' --max-leaves N';
  if (/\d steps /.test(because)) return ' --max-steps N';
  if (/\d tokens /.test(because)) return ' --max-tokens N';
  return / ms are over/.test(because) ? ' --max-time T' : ' --max-usd N';
}

/** The prepared run under the least of all ceilings. */
export function lowered(prepared: PreparedRun, ...ceilings: readonly Budget[]): PreparedRun {
  const { compiled } = prepared;
  const budget = leastBudget([compiled.spec.budget, ...ceilings]);
  return { ...prepared, compiled: { ...compiled, spec: { ...compiled.spec, budget } } };
}

/** Says beforehand that a run may stop at its ceiling of leaves. */
export function warnOfCeiling({ output }: CommandContext, { compiled }: PreparedRun): void {
  const { maxLeaves } = planOutline(compiled.spec);
  const ceiling = compiled.spec.budget.maxLeaves;
  if (ceiling === undefined || maxLeaves <= ceiling) return;
  output.talk(
    `warning: up to ${maxLeaves} leaves are planned, and the ceiling is ${ceiling}: the run may stop there; raise it with --max-leaves ${maxLeaves}`,
  );
}

/** What a raise comes to under the config; says which layer bound it. */
export async function boundByConfig(context: CommandContext, raised: Budget): Promise<Budget> {
  if (Object.keys(raised).length === 0) return raised;
  const { budget, by } = boundRaise(await context.config(), raised);
  for (const { key, value, origin } of by) {
    const { output } = context;
    output.talk(printable(`${key} is ${value} (${origin}): it binds this run too`));
  }
  return budget;
}

/** Of each limit the least that is given. */
export function leastBudget(all: readonly Budget[]): Budget {
  return defined({
    maxCostMicroUsd: least(all.map((one) => one.maxCostMicroUsd)),
    maxTokens: least(all.map((one) => one.maxTokens)),
    maxMs: least(all.map((one) => one.maxMs)),
    maxLeaves: least(all.map((one) => one.maxLeaves)),
    maxSteps: least(all.map((one) => one.maxSteps)),
  });
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

type Draft = { readonly [K in keyof Budget]: Budget[K] | undefined };

const defined = (draft: Draft): Budget =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as Budget;
