/**
 * An agent as a program, for tests: it does what the last line of its prompt that begins with `double:`
 * says, a JSON list of steps. Prints our own lines (`jsonl`), or whatever a step has it print.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the model that it was told of; gives the status and the body. */
async function askModel({ path, body, method = 'POST', token = process.env.MODEL_TOKEN }) {
  const response = await fetch(`${process.env.MODEL_URL}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify({ model: 'any', ...body }) }),
  });
  return `${response.status} ${await response.text()}`;
}

const STEPS = {
  ask: async (asked) => print({ type: 'result', text: await askModel(asked) }),
  askAtOnce: async (all) => {
    await Promise.all(all.map(askModel));
  },
  write: ([path, text]) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  },
  exists: ([path, note]) => writeFileSync(note, existsSync(path) ? 'was there' : 'was not there'),
  read: (path) => print({ type: 'result', text: readFileSync(path, 'utf8') }),
  line: (value) => print(value),
  raw: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  environment: (name) => print({ type: 'result', text: String(process.env[name]) }),
  argv: () => print({ type: 'result', text: JSON.stringify(process.argv.slice(2)) }),
  exit: (status) => process.exit(status),
  hang: async () => {
    process.on('SIGTERM', () => {});
    for (;;) await sleep(60_000);
  },
  /** Deaf, in a session of its own, and still holding the pipe. */
  fork: async (path) => {
    const script = `trap "" TERM HUP; echo $$ >> ${path}; exec sleep 60`;
    spawn('setsid', ['sh', '-c', script], { stdio: 'inherit' }).unref();
    await sleep(200);
  },
  flood: () => {
    const line = `${'x'.repeat(65_535)}\n`;
    const more = () => {
      while (process.stdout.write(line));
      process.stdout.once('drain', more);
    };
    more();
    return sleep(60_000);
  },
};

const asked = process.argv.includes('--prompt')
  ? process.argv[process.argv.indexOf('--prompt') + 1]
  : process.argv.includes('--file')
    ? readFileSync(process.argv[process.argv.indexOf('--file') + 1], 'utf8')
    : await text(process.stdin);
const found = [...asked.matchAll(/^double:(.*)$/gm)];
const isRepair = asked.includes('cannot be used');
const steps = JSON.parse(found.at(isRepair ? -1 : 0)?.[1] ?? '[]');
for (const step of steps) {
  for (const [name, value] of Object.entries(step)) await STEPS[name](value);
}
