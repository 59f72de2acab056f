/** What a run may do, before it does it: the question that `run` asks. */

import { slotOf } from '../trace/apply.ts';
import type { PreparedRun } from '../workbench/prepare-run.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import { type OutlineNode, planOutline } from '../workflow/plan-outline.ts';
import { leavesText } from './amounts.ts';
import { budgetText } from './budget-text.ts';
import { lineText, type Segment } from './segments.ts';
import type { Style } from './style.ts';
import { widthOf } from './width.ts';
import { wrapped } from './wrapped.ts';

export interface PlanBlockRequest {
  readonly style: Style;
  readonly width: number | undefined;
}

export function planBlock(
  prepared: PreparedRun,
  { style, width }: PlanBlockRequest,
): readonly string[] {
  const { compiled, commands, config, wiring, needsBase } = prepared;
  const { spec, source } = compiled;
  const outline = planOutline(spec);
  const line = (...segments: readonly Segment[]): string => lineText(segments, style, width);
  // What is consented to is never cut.
  const room = (width ?? Number.POSITIVE_INFINITY) - INDENT.length;
  const whole = (text: string): readonly string[] =>
    (widthOf(text) <= room ? [text] : wrapped(text, room)).map((part) =>
      line({ text: INDENT + part }),
    );
  /** On one line where there is room. */
  const beside = (...texts: readonly string[]): readonly string[] =>
    widthOf(texts.join(INDENT)) <= room ? whole(texts.join(INDENT)) : texts.flatMap(whole);
  const leaves = `at most ${leavesText(outline.maxLeaves)}, ${slotsText(prepared)} at once`;
  const trees = outline.trees.length;
  const edits = outline.writers.length === 0 ? [] : [`edits files in ${treesText(trees)}`];
  const runs = commands.length === 0 ? [] : [`runs ${commands.map(quoted).join(', ')}`];
  const confined = config.sandbox === 'strict' ? ['sandbox: strict'] : [];
  const rights = wiring.isMock
    ? ['mock: no model, no command, no file, no cost']
    : [...edits, ...runs, `network: ${spec.permissions.network ? 'yes' : 'no'}`, ...confined];
  return [
    line(
      { text: ` ${spec.id}`, paint: 'bold' },
      { text: ' will start' },
      { text: `   ${source.path}`, paint: 'dim' },
    ),
    line({ text: `   ${outline.phases.map(phaseText).join(' → ')}` }),
    ...beside(leaves, `ceiling ${budgetText(spec.budget)}`),
    ...whole(rights.join(' · ')),
    ...(prepared.secrets.length === 0
      ? []
      : whole(`gives its commands what looks like a secret: ${prepared.secrets.join(', ')}`)),
    ...hooksLines(wiring).map((text) => line({ text: `   ${text}` })),
    ...(needsBase
      ? [
          line({
            text: '   uncommitted changes are included as a snapshot (--base REF leaves them out)',
            paint: 'dim',
          }),
        ]
      : []),
  ];
}

/** They are a person’s own, but who starts a run ought to know what will run with it. */
export function hooksLines(wiring: PreparedRun['wiring'] | undefined): readonly string[] {
  const names = wiring?.world.hooks?.hooks.map(({ name }) => name) ?? [];
  const what = `${names.length === 1 ? 'hook' : 'hooks'} ${names.join(', ')}`;
  return names.length === 0 ? [] : [`${what}: with your rights, outside of the sandbox`];
}

/** `8 models and 2 commands`: the two kinds of slots are counted apart. */
function slotsText({ compiled, config }: PreparedRun): string {
  const slots = leavesBelow(planOf(compiled.spec).root).map(slotOf);
  const texts = (['model', 'command'] as const)
    .filter((slot) => slots.includes(slot))
    .map((slot) => {
      const count = config.concurrency[slot];
      return `${count} ${slot}${count === 1 ? '' : 's'}`;
    });
  return texts.join(' and ');
}

const INDENT = '   ';

const quoted = (command: string): string => `\`${command}\``;

const treesText = (count: number): string =>
  count === 0 ? 'one worktree' : `${count} worktree${count === 1 ? '' : 's'} of their own`;

function phaseText({ id, kind, maxLeaves }: OutlineNode): string {
  if (kind === 'leaf') return id;
  return `${id} (${kind.replace('_', ' ')}${maxLeaves === 0 ? '' : `, ≤${maxLeaves}`})`;
}

export const NO_SANDBOX = 'commands run WITHOUT a sandbox, with your rights, in a git worktree';
