/** `whaleflow workflows ls|show|save|rm`: what can be run by name. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import {
  findWorkflow,
  listWorkflows,
  removeWorkflow,
  saveWorkflow,
  type WorkflowEntry,
} from '../../workbench/workflows.ts';
import { ask } from '../ask.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { near, shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { subcommand } from '../subcommand.ts';
import { tableText } from '../table-text.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what, ...words] = subcommand('workflows', input.words, ['ls', 'show', 'save', 'rm']);
  const most = { ls: 0, show: 1, save: 2, rm: 1 }[what];
  const [word] = words;
  if (words.length > most || (most > 0 && word === undefined)) {
    throw new WhaleFlowError('WF2002', `workflows ${what} takes ${WANTED[what]}`, {
      hint: 'see: whaleflow workflows -h',
    });
  }
  if (what === 'ls') return list(context);
  if (what === 'show') return show(context, word ?? '');
  if (what === 'save') return save(context, input, words);
  return remove(context, word ?? '');
}

const WANTED = {
  ls: 'no more words',
  show: 'the name of one workflow',
  save: 'a run or a file, and a name where it is to have another',
  rm: 'the name of one workflow',
} as const;

async function list(context: CommandContext): Promise<ExitStatus> {
  const { output, flags } = context;
  const entries = listWorkflows(await context.workbench());
  if (output.isJson) {
    output.json({ schema: 'whaleflow.workflows/1', workflows: entries.map(toJson) });
    return 0;
  }
  const columns = [{ title: 'NAME' }, { title: 'FROM' }, { title: 'GOAL', least: 20 }];
  const rows = entries.map(({ name, owner, isShadowed, goal, problem }) => {
    const from = isShadowed ? `${owner} (another one is run)` : owner;
    return [name, from, goal ?? problem ?? ''].map((text) => ({ text }));
  });
  const look = { style: output.style, width: output.columns, isPlain: flags.plain };
  for (const line of tableText(columns, rows, look)) output.data(line);
  const [first] = entries;
  if (first !== undefined) output.talk(`run one: whaleflow run ${first.name}`);
  return 0;
}

const toJson = ({ name, owner, path, isShadowed, goal, problem }: WorkflowEntry) => ({
  name,
  owner,
  path,
  shadowed: isShadowed,
  goal: goal ?? null,
  problem: problem ?? null,
});

/** The text as it stands, so that it can go into a file. */
async function show(context: CommandContext, name: string): Promise<ExitStatus> {
  const { output } = context;
  const { text, owner, path, name: found } = findWorkflow(await context.workbench(), name);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.workflow/1', name: found, owner, path, text });
    return 0;
  }
  output.talk(`${found} (${owner})   ${path}`);
  output.raw(text);
  return 0;
}

async function save(
  context: CommandContext,
  input: CommandInput,
  [word = '', name]: readonly string[],
): Promise<ExitStatus> {
  const { output, flags } = context;
  if (input.has('user') && input.has('project')) {
    throw new WhaleFlowError('WF2002', '--user and --project name two folders; take one');
  }
  const workbench = await context.workbench();
  const source = await sourceOf(context, word);
  const { run, ...text } = source;
  const path = saveWorkflow(workbench, {
    ...text,
    name: name ?? source.name,
    owner: input.has('user') ? 'user' : 'project',
    force: flags.force,
  });
  const saved = name ?? source.name;
  if (output.isJson) output.json({ schema: 'whaleflow.saved/1', name: saved, path });
  else {
    output.data(`saved ${path}`);
    output.talk(
      run === undefined
        ? `run it: whaleflow run ${shellWord(saved)}`
        : `after an edit: whaleflow fork ${run} ${shellWord(near(context.host.cwd, path))}     or anew: whaleflow run ${shellWord(saved)}`,
    );
  }
  return 0;
}

interface Source {
  /** That it is the text of. */
  readonly run?: string;
  readonly name: string;
  readonly text: string;
  readonly ending: string;
}

const ENDINGS: Readonly<Record<string, string>> = {
  starlark: '.star',
  yaml: '.yaml',
  json: '.json',
};

/** Of a file, else of a run: the text that it was compiled from. */
async function sourceOf(context: CommandContext, word: string): Promise<Source> {
  const file = resolve(context.cwd, word);
  const ending = extname(word);
  if (/^\.(?:star|ya?ml|json)$/.test(ending) && existsSync(file)) {
    return { name: basename(file, ending), text: readFileSync(file, 'utf8'), ending };
  }
  const workbench = await context.workbench();
  const { row } = addressed(workbench, word);
  const store = workbench.store('write');
  const [started] = store.read(row.run, 0, 1);
  const short = shortIds(store.runs())(row.run);
  const source = started?.type === 'run.started' ? started.source : undefined;
  const text = source?.text === undefined ? undefined : store.blob(source.text.digest);
  if (source === undefined || text === undefined) {
    throw new WhaleFlowError('WF2002', `${short} keeps no source text to save`, {
      hint: 'save the file that it came from: whaleflow workflows save FILE',
    });
  }
  return {
    run: short,
    name: row.workflow,
    text: new TextDecoder().decode(text),
    ending: ENDINGS[source.language] ?? '.star',
  };
}

async function remove(context: CommandContext, name: string): Promise<ExitStatus> {
  const { output, mayAsk, flags } = context;
  const found = findWorkflow(await context.workbench(), name);
  if (found.owner !== 'built-in' && !flags.yes) {
    if (!mayAsk) {
      throw new WhaleFlowError('WF2101', `${found.path} would be deleted for good`, {
        hint: `whaleflow workflows rm ${name} -y`,
      });
    }
    output.talk(found.path);
    if (!(await ask(context, ' [Enter] delete this file for good   [Esc] no '))) {
      output.talk('nothing was deleted');
      return 1;
    }
  }
  removeWorkflow(found);
  if (output.isJson) output.json({ schema: 'whaleflow.removed-workflow/1', path: found.path });
  else output.data(`deleted ${found.path}`);
  return 0;
}
