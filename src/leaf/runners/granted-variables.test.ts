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
  permissions: { ...node.permissions, env: ['LANG', 'API_KEY', 'TOKENS', 'MIRROR'] },
};
const plain = { LANG: 'C', MIRROR: 'https://example.org' };

test.each([
  ['nothing accepted', { env: [] }, ['LANG']],
  ['one accepted', { env: ['API_KEY'] }, ['LANG', 'API_KEY']],
  ['a run from before there was a question', {}, ['LANG', 'API_KEY', 'TOKENS', 'MIRROR']],
])('%s', (_name, consent, given) => {
  const leaf = { node: asking, consent: { ...job.consent, ...consent } };
  expect(grantedVariables(leaf, { MIRROR: 'https://ada:hunter2@example.org' })).toEqual(given);
});

test('what a variable holds where it is given decides, not what it held before', () => {
  const leaf = { node: asking, consent: { ...job.consent, env: [] } };
  expect(grantedVariables(leaf, plain)).toEqual(['LANG', 'MIRROR']);
});
