/** Fields of the dicts that builtins take, as the authored form names them. */
const FIELDS = {
  budget: ['maxCostMicroUsd', 'maxTokens', 'maxLeaves', 'maxSteps', 'maxMs'],
  permissions: ['write', 'shell', 'network', 'commands', 'tools', 'env'],
  model_policy: [
    'role',
    'model',
    'fallbacks',
    'capabilities',
    'temperature',
    'maxOutputTokens',
    'posture',
  ],
  promotion_policy: ['minScoreDelta', 'maxCostDelta', 'requiredTests', 'minCases', 'maxStaleDays'],
  retry: ['maxAttempts', 'on', 'backoffMs', 'maxBackoffMs'],
  rank: ['by', 'field', 'rubric', 'policy'],
  harvest: ['argv', 'timeoutMs'],
  objectives: ['by', 'field', 'goal'],
} as const;

export type RecordType = keyof typeof FIELDS;

export const recordFields: Readonly<Record<RecordType, readonly string[]>> = FIELDS;

export const RECORD_FIELDS: readonly string[] = Object.values(FIELDS).flat();
