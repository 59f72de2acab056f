/** Fields of a run, as `runJson` gives them; a test holds the two against each other. */
export const runFields: readonly string[] = [
  'run',
  'name',
  'workflow',
  'source',
  'state',
  'because',
  'liveness',
  'done',
  'total',
  'in_flight',
  'waiting',
  'started_at',
  'updated_at',
  'ended_at',
  'longest',
  'cost_microusd',
  'cost_status',
  'tokens_total',
  'parent',
  'exit',
];

/** Of a run that has come to rest. */
export const endFields: readonly string[] = [
  ...runFields,
  'worked_ms',
  'rest_ms',
  'tokens',
  'output',
];

export const approvalFields: readonly string[] = [
  'id',
  'run',
  'path',
  'workflow',
  'message',
  'asked_at',
  'timeout_at',
  'in_leaf',
];
