import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const workflow = JSON.stringify({
  id: 'ask',
  goal: 'Ask',
  nodes: [{ kind: 'leaf', id: 'say', task: { type: 'model', prompt: 'Greet.' } }],
});

async function refused(columns: number | undefined): Promise<string> {
  const terminal = columns === undefined ? {} : { terminal: { columns, rows: 24 } };
  using host = testHost({ files: { 'ask.json': workflow }, ...terminal });
  const { exit, err } = await host.run('run', 'ask.json', '--color', 'never');
  expect(exit).toBe(4);
  return err;
}

test('on a narrow terminal notes are wrapped, and what can be typed stands on lines of its own', async () => {
  expect(await refused(80)).toMatchInlineSnapshot(`
    "error[WF3002]: no model is configured for the role leaf_reasoner
       = note: say asks the role leaf_reasoner
       = note: no key of a known provider is set; servers on this machine need none:
               ollama, vllm, llamacpp
    help: --model PROVIDER:MODEL
          for all runs: whaleflow config set roles.default PROVIDER:MODEL
          made-up answers: --model mock
    "
  `);
});

test('in a pipe each is one line', async () => {
  expect((await refused(undefined)).trimEnd().split('\n')).toHaveLength(4);
});
