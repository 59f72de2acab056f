import type { ModelPolicy } from '../limits.ts';
import type { DocumentPath } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { below, type Check } from './plan.ts';

const VENDOR =
  /\b(?:openai|gpt|codex|anthropic|claude|opus|sonnet|haiku|google|gemini|gemma|meta|llama|mistral|mixtral|qwen|deepseek|grok|kimi|glm|ollama|bedrock|vertex|azure)(?:\b|[\d_-])/i;

/** A workflow says what kind of model it wants; which one that is, it leaves open. */
export const checkVendors: Check = ({ document, entries }) => [
  ...inPolicy(document.modelPolicy, ['modelPolicy']),
  ...entries.flatMap(({ document: node, at }) => [
    ...inPolicy(node.modelPolicy, below(at, 'modelPolicy')),
    ...((node.kind === 'leaf' || node.kind === 'reduce') &&
    node.task.type === 'external' &&
    VENDOR.test(node.task.agent)
      ? [
          warning(
            node.task.agent,
            below(at, 'task', 'agent'),
            'name what it is for, like `reviewer`: which program it is, is not for a workflow to say',
          ),
        ]
      : []),
  ]),
];

function inPolicy(policy: ModelPolicy | undefined, at: DocumentPath): readonly Problem[] {
  const help = 'name a `role` or `capabilities`: which model answers is not for a workflow to say';
  const { model, fallbacks = [], capabilities = [] } = policy ?? {};
  return [
    ...(model === undefined ? [] : [warning(model, below(at, 'model'), help)]),
    ...fallbacks.map((name, index) => warning(name, below(at, 'fallbacks', index), help)),
    ...capabilities.flatMap((name, index) =>
      VENDOR.test(name) ? [warning(name, below(at, 'capabilities', index), help)] : [],
    ),
  ];
}

const warning = (name: string, at: DocumentPath, help: string): Problem => ({
  code: 'WF1401',
  severity: 'warning',
  message: `\`${name}\` names a model or vendor`,
  at,
  help,
});
