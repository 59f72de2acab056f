/**
 * Tools of agents that stand in no table of ours: those of its skills, and whatever a wiring brings along. A
 * source is opened for one attempt and closed after it. Which tools it gives must follow from the job and
 * from what the run has recorded: the model is shown them, so that another list is another request.
 */

import { READ_SKILL, readSkill } from '../../../tool/read-skill.ts';
import type { Tool } from '../../../tool/tool.ts';
import type { Failure } from '../../../trace/outcome.ts';
import type { AgentTask } from '../../../workflow/task.ts';
import { failure } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { RunnerWorld } from '../../leaf-runner.ts';
import { skillsOf } from '../../skill.ts';
import { offered, skillList } from '../skills-text.ts';

export interface OpenedTools {
  readonly tools: readonly Tool[];
  /** What the model is told of them beside their descriptions. */
  readonly about?: string;
  close(): Promise<void>;
}

export interface ToolSource {
  /** Never rejects: why it cannot be opened fails the leaf before its model is asked. */
  open(
    job: LeafJob<AgentTask>,
    world: RunnerWorld & { readonly root: string },
    signal: AbortSignal,
  ): Promise<OpenedTools | { readonly failure: Failure }>;
}

const NOTHING: OpenedTools = { tools: [], close: async () => {} };

/** The skills that its leaf names: what they are about, and a tool that reads them. */
export const skillSource: ToolSource = {
  async open(job, { host }) {
    const skills = skillsOf(job);
    if ('missing' in skills) {
      return { failure: failure('refused', `this run has no skill ${skills.missing}`) };
    }
    if (skills.length === 0) return NOTHING;
    return {
      tools: [readSkill(skills.map((skill) => offered(skill, host)))],
      about: skillList(skills, READ_SKILL),
      close: async () => {},
    };
  },
};

/** Opens one source after the other; the first of two tools with one name counts. */
export async function openTools(
  own: readonly Tool[],
  sources: readonly ToolSource[],
  open: (source: ToolSource) => ReturnType<ToolSource['open']>,
): Promise<OpenedTools | { readonly failure: Failure }> {
  const opened: OpenedTools[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.toReversed()) await one.close();
  };
  for (const source of sources) {
    const one = await open(source);
    if ('failure' in one) {
      await close();
      return one;
    }
    opened.push(one);
  }
  const tools = new Map<string, Tool>();
  for (const tool of [...own, ...opened.flatMap((one) => one.tools)]) {
    if (!tools.has(tool.name)) tools.set(tool.name, tool);
  }
  const about = opened.flatMap((one) => one.about ?? []).join('\n\n');
  return { tools: [...tools.values()], ...(about === '' ? {} : { about }), close };
}
