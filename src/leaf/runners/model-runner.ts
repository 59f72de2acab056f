/** One completion: renders the prompt, asks through the call chain, reads the typed answer. */
import type { Json } from '../../base/json.ts';
import type { ModelRequest, ModelRoute } from '../../model/model-provider.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../model/model-request.ts';
import type { Failure } from '../../trace/outcome.ts';
import { DEFAULT_ROLE } from '../../workflow/route-key.ts';
import type { ModelTask } from '../../workflow/task.ts';
import { type CallChainParts, modelCalls, toRoute } from '../call/call-chain.ts';
import type { ModelAnswer } from '../call/model-answer.ts';
import { failure } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport } from '../leaf-runner.ts';
import { checkOutput } from '../output-schema.ts';
import { noSkill, skillsOf } from '../skill.ts';
import { parseAnswer } from './answer-value.ts';
import { promptOf, systemOf } from './prompt.ts';
import { skillBodies } from './skills-text.ts';

export function modelRunner(parts: CallChainParts): LeafRunner<ModelTask> {
  return {
    recordsFirst: true,
    async run(job, { host, past }, signal) {
      const route = parts.route(job.node);
      if (route === undefined) return noModel(job);
      const skills = skillsOf(job);
      if ('missing' in skills) return noSkill(skills.missing);
      const request = modelRequest(job, { route, skills: skillBodies(skills, host) });
      const calls = modelCalls(job, host, { ...parts, past });
      const result = await calls.call(request, route, signal);
      if (result.status === 'failed') return result;
      const report = toReport(job, result.answer);
      // Without a form there is nothing to show the model that is wrong.
      const isMendable = report.status === 'failed' && job.node.output !== undefined;
      if (!isMendable || signal.aborted) return report;
      const second = repairRequest(request, result.answer.text, report.failure);
      const mended = await calls.call(second, route, signal);
      if (mended.status === 'answered') return toReport(job, mended.answer);
      // Without room for a second call the first answer is what there is.
      return mended.short === undefined ? mended : report;
    },
    route(job) {
      const route = parts.route(job.node);
      return route === undefined ? undefined : toRoute(route);
    },
  };
}

/** The exact request of a job: location-free, and the same for the same context. */
function modelRequest(
  job: LeafJob<ModelTask>,
  { route, skills }: { readonly route: ModelRoute; readonly skills: string },
): ModelRequest {
  const { task, modelPolicy, output } = job.node;
  const limit = modelPolicy.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const { temperature } = modelPolicy;
  const own = task.system === undefined ? [] : [systemOf(task.system, job)];
  const system = [...own, ...(skills === '' ? [] : [skills])].join('\n\n');
  // In the order of the canonical text, which then needs no copy.
  return {
    maxOutputTokens: Math.min(limit, route.maxOutputTokens ?? limit),
    messages: [{ role: 'user', text: promptOf(task.prompt, job) }],
    model: route.model,
    ...(output === undefined ? {} : { output }),
    ...(job.sample === '' ? {} : { sample: job.sample }),
    ...(task.system === undefined && skills === '' ? {} : { system }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

/** The model is shown what it said and what is wrong with it, once. */
function repairRequest(request: ModelRequest, said: string, { message }: Failure): ModelRequest {
  const text = `This answer cannot be used: ${message}. Answer again, with one JSON value of the form that was asked for and nothing else.`;
  const answer = { role: 'assistant', text: said === '' ? '(nothing)' : said } as const;
  return { ...request, messages: [...request.messages, answer, { role: 'user', text }] };
}

function toReport(job: LeafJob, answer: ModelAnswer): RunnerReport {
  const { output: schema } = job.node;
  if (schema === undefined) return toText(answer);
  const fits = (value: Json): boolean => checkOutput(schema, value) === undefined;
  const parsed =
    answer.value === undefined ? parseAnswer(answer.text, fits) : { value: answer.value };
  if ('problem' in parsed) {
    const cut = answer.isCut === true ? `${parsed.problem}: it was cut at its limit` : undefined;
    const why = failure('schema', cut ?? parsed.problem);
    return { status: 'failed', failure: why, output: answer.text };
  }
  const misfit = checkOutput(schema, parsed.value);
  if (misfit === undefined) return { status: 'succeeded', output: parsed.value };
  return { status: 'failed', failure: misfit, output: parsed.value };
}

/** Half an answer is worth something and is no whole one; none at all is a failure. */
function toText({ text, ...answer }: ModelAnswer): RunnerReport {
  const isCut = answer.isCut === true;
  if (text.trim() !== '') return { status: isCut ? 'degraded' : 'succeeded', output: text };
  const why = isCut ? 'the answer is empty: it was cut at its limit' : 'the answer is empty';
  return { status: 'failed', failure: failure('schema', why) };
}

function noModel(job: LeafJob): RunnerReport {
  const role = job.node.modelPolicy.role ?? DEFAULT_ROLE;
  return {
    status: 'failed',
    failure: failure('provider', `no model is configured for role ${role}`),
  };
}
