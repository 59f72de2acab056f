/** One completion: renders the prompt, asks through the call chain, reads the typed answer. */
import type { ModelRequest, ModelRoute } from '../../model/model-provider.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../model/model-request.ts';
import { DEFAULT_ROLE } from '../../workflow/route-key.ts';
import type { ModelTask } from '../../workflow/task.ts';
import { type CallChainParts, modelCalls, toRoute } from '../call/call-chain.ts';
import type { ModelAnswer } from '../call/model-answer.ts';
import { failure } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport } from '../leaf-runner.ts';
import { parseAnswer } from './answer-value.ts';
import { promptOf, systemOf } from './prompt.ts';

export function modelRunner(parts: CallChainParts): LeafRunner<ModelTask> {
  return {
    recordsFirst: true,
    async run(job, { host }, signal) {
      const route = parts.route(job.node);
      if (route === undefined) return noModel(job);
      const request = modelRequest(job, route);
      const result = await modelCalls(job, host, parts).call(request, route, signal);
      return result.status === 'failed' ? result : toReport(job, result.answer);
    },
    route(job) {
      const route = parts.route(job.node);
      return route === undefined ? undefined : toRoute(route);
    },
  };
}

/** The exact request of a job: location-free, and the same for the same context. */
function modelRequest(job: LeafJob<ModelTask>, route: ModelRoute): ModelRequest {
  const { task, modelPolicy, output } = job.node;
  const limit = modelPolicy.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const { temperature } = modelPolicy;
  // In the order of the canonical text, which then needs no copy.
  return {
    maxOutputTokens: Math.min(limit, route.maxOutputTokens ?? limit),
    messages: [{ role: 'user', text: promptOf(task.prompt, job) }],
    model: route.model,
    ...(output === undefined ? {} : { output }),
    ...(job.sample === '' ? {} : { sample: job.sample }),
    ...(task.system === undefined ? {} : { system: systemOf(task.system, job) }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function toReport(job: LeafJob, answer: ModelAnswer): RunnerReport {
  if (job.node.output === undefined) return { status: 'succeeded', output: answer.text };
  if (answer.value !== undefined) return { status: 'succeeded', output: answer.value };
  const parsed = parseAnswer(answer.text);
  if ('value' in parsed) return { status: 'succeeded', output: parsed.value };
  return { status: 'failed', failure: failure('schema', parsed.problem), output: answer.text };
}

function noModel(job: LeafJob): RunnerReport {
  const role = job.node.modelPolicy.role ?? DEFAULT_ROLE;
  return {
    status: 'failed',
    failure: failure('provider', `no model is configured for role ${role}`),
  };
}
