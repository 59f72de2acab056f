/**
 * A small agent that speaks the Agent Client Protocol, for tests: plain frames and no library, so that it
 * can break them. It does what the line of its prompt that begins with `double:` says, a JSON list of
 * steps, and ends its turn with what they said.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const send = (frame) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const waiting = new Map();
let number = 0;
let sessionId = '';
let isCancelled = false;
let isDeaf = false;
let onCancel = () => {};
let stopReason = 'end_turn';
let usage;
let meta;
const deniedSignIn = process.argv.includes('--signed-out');

const ask = (method, params) => {
  number += 1;
  const id = `agent-${number}`;
  send({ id, method, params: { sessionId, ...params } });
  return new Promise((resolve) => waiting.set(id, resolve));
};
const update = (one) => send({ method: 'session/update', params: { sessionId, update: one } });
const say = (text) =>
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
/** What an answer was, in a word. */
const told = ({ result, error }) => (error === undefined ? JSON.stringify(result) : error.message);

const STEPS = {
  say,
  sayEach: async (text) => {
    for (const word of text.split(' ')) {
      say(`${word} `);
      await sleep(1);
    }
  },
  update,
  usage: (figures) => {
    usage = figures;
  },
  meta: (value) => {
    meta = value;
  },
  stop: (reason) => {
    stopReason = reason;
  },
  write: ([path, text]) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  },
  writeThrough: async ([path, content]) =>
    say(`${told(await ask('fs/write_text_file', { path, content }))};`),
  readThrough: async (params) => say(`${told(await ask('fs/read_text_file', params))};`),
  permission: async (toolCall) => {
    update({ sessionUpdate: 'tool_call', title: 'asks', ...toolCall, status: 'pending' });
    const options = ['allow_once', 'allow_always', 'reject_once'].map((kind) => ({
      optionId: `do-${kind}`,
      name: kind,
      kind,
    }));
    const { result } = await ask('session/request_permission', { toolCall, options });
    say(`${result.outcome.optionId ?? result.outcome.outcome};`);
  },
  terminal: async (params) => {
    const { result, error } = await ask('terminal/create', params);
    if (error !== undefined) return say(`${error.message};`);
    const { terminalId } = result;
    const exit = await ask('terminal/wait_for_exit', { terminalId });
    const output = await ask('terminal/output', { terminalId });
    say(`${told(exit)} ${output.result.output};`);
    await ask('terminal/release', { terminalId });
  },
  environment: (name) => say(String(process.env[name])),
  waitForCancel: () => new Promise((resolve) => (onCancel = resolve)),
  deaf: () => {
    isDeaf = true;
    process.on('SIGTERM', () => {});
    return new Promise(() => {});
  },
  raw: (text) => process.stdout.write(text),
  badFrames: (count) => {
    for (let at = 0; at < count; at += 1) process.stdout.write('no frame\n');
  },
  flood: () => {
    const line = `${'x'.repeat(1024 * 1024)}`;
    const more = () => {
      while (process.stdout.write(line));
      process.stdout.once('drain', more);
    };
    more();
    return new Promise(() => {});
  },
  stderr: (text) => process.stderr.write(text),
  exit: (status) => process.exit(status),
  fork: async (path) => {
    const script = `trap "" TERM HUP; echo $$ > ${path}; exec sleep 60`;
    spawn('setsid', ['sh', '-c', script], { stdio: 'inherit' }).unref();
    await sleep(200);
  },
};

async function prompt(text) {
  const found = [...text.matchAll(/^double:(.*)$/gm)];
  const isRepair = text.includes('cannot be used');
  const steps = JSON.parse(found.at(isRepair ? -1 : 0)?.[1] ?? '[]');
  for (const step of steps) {
    if (isCancelled) break;
    for (const [name, value] of Object.entries(step)) await STEPS[name](value);
  }
  return {
    stopReason: isCancelled ? 'cancelled' : stopReason,
    ...(usage === undefined ? {} : { usage }),
    ...(meta === undefined ? {} : { _meta: meta }),
  };
}

const METHODS = {
  initialize: () => ({
    protocolVersion: 1,
    agentInfo: { name: 'double', version: '1.2.3' },
    agentCapabilities: {},
    authMethods: [{ id: 'key', name: 'A key' }],
  }),
  'session/new': ({ cwd }) => {
    if (deniedSignIn) throw { code: -32000, message: 'Authentication required' };
    process.chdir(cwd);
    sessionId = 'session-1';
    return { sessionId };
  },
  'session/prompt': ({ prompt: blocks }) => prompt(blocks.map(({ text }) => text).join('')),
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const frame = JSON.parse(line);
  if (frame.method === 'session/cancel') {
    if (isDeaf) return;
    isCancelled = true;
    onCancel();
  } else if (frame.method === undefined) {
    waiting.get(frame.id)?.(frame);
  } else {
    try {
      send({ id: frame.id, result: await METHODS[frame.method](frame.params) });
    } catch (error) {
      send({ id: frame.id, error: { code: error.code ?? -32603, message: error.message } });
    }
  }
});
