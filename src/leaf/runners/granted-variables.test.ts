import { expect, test } from 'vitest';
import { testJob } from '../test-host.ts';
import { grantedVariables } from './granted-variables.ts';

const job = testJob({
  type: 'command',
  purpose: 'shell',
  argv: ['true'],
  timeoutMs: 1,
  okExitCodes: [0],
});
const { node } = job;
const asking = {
  ...node,
  permissions: { ...node.permissions, env: ['LANG', 'API_KEY', 'TOKENS'] },
};

test.each([
  ['nothing accepted', { env: [] }, ['LANG']],
  ['one accepted', { env: ['API_KEY'] }, ['LANG', 'API_KEY']],
  ['a run from before there was a question', {}, ['LANG', 'API_KEY', 'TOKENS']],
])('%s', (_name, consent, given) => {
  expect(grantedVariables({ node: asking, consent: { ...job.consent, ...consent } })).toEqual(
    given,
  );
});
