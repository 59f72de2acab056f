/** Reads `[agents.NAME]`: a preset with changes, or a program of one’s own. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { suggestion } from '../../base/did-you-mean.ts';
import { type AgentProtocol, agentFormats } from '../../leaf/runners/external/external-agent.ts';
import type { ConfigFile } from '../config-file.ts';
import { type Entry, entriesOf, membersOf, misfit } from '../table-entry.ts';
import {
  readChoice,
  readSwitch,
  readText,
  readVariableNames,
  readVariables,
  readWords,
} from '../table-values.ts';
import { AGENT_SECTION, type AgentRow, type AgentsConfig } from './agents-config.ts';
import { knownAgents } from './known-agents.ts';

const MEMBERS: readonly string[] = [
  'preset',
  'protocol',
  'command',
  'output',
  'model',
  'env',
  'set',
  'read',
  'write',
  'home',
  'billing',
  'auth',
  'proxy',
];

/** Where nothing else is said: a program that reads its prompt and prints words. */
const PLAIN: Omit<AgentRow, 'name' | 'origin' | 'argv'> = {
  protocol: { type: 'exec', format: 'text' },
  rights: { readOnly: [], readWrite: [], confined: [] },
  modelArgs: ['{model}'],
  isProxied: false,
  passes: [],
  sets: {},
  reads: [],
  writes: [],
  home: 'own',
  billing: 'unknown',
  versionArgs: ['--version'],
};

/** `files`: strongest first. @throws {WhaleFlowError} WF2007 for what cannot be meant. */
export function readAgentsConfig(files: readonly ConfigFile[]): AgentsConfig {
  const rows = new Map(knownAgents.map((row) => [row.name, row]));
  const warnings: Diagnostic[] = [];
  const own: AgentRow[] = [];
  for (const file of files) {
    for (const entry of entriesOf(file, AGENT_SECTION, warnings)) {
      if (file.owner === 'project') {
        warnings.push(refused(entry));
        continue;
      }
      const row = readAgent(entry, warnings);
      rows.set(row.name, row);
      own.push(row);
    }
  }
  const settings = own.map(({ name, argv, protocol, origin }) => ({
    key: `agents.${name}`,
    value: `${protocol.type} ${argv.join(' ')}`,
    origin,
  }));
  return { rows, settings, warnings };
}

/** A program of one’s own says itself where the address goes. */
function proxyOf(
  argv: readonly string[],
  sets: Readonly<Record<string, string>>,
): AgentRow['proxy'] {
  const texts = [...argv, ...Object.values(sets)];
  if (!texts.some((text) => text.includes('{url}'))) return undefined;
  const setsSome = (start: string): boolean =>
    Object.keys(sets).some((name) => name.startsWith(start));
  return {
    dialects: setsSome('ANTHROPIC_')
      ? ['anthropic']
      : setsSome('GOOGLE_GEMINI_')
        ? ['gemini']
        : ['openai', 'openai-responses'],
    env: {},
    args: [],
  };
}

const refused = ({ name, span }: Entry): Diagnostic => ({
  code: 'WF2008',
  severity: 'warning',
  message: `a repository may not name programs to run (agent ${name})`,
  span,
  help: 'put it into your own configuration: whaleflow config path',
});

function readAgent(entry: Entry, warnings: Diagnostic[]): AgentRow {
  const { name, span, origin } = entry;
  if (!/^[a-z0-9][\w.-]{0,63}$/i.test(name)) throw misfit(span, 'an agent’s name is a word');
  const members = membersOf(entry, MEMBERS, warnings);
  const preset = readPreset(entry, members.get('preset'));
  const argv = readWords(members.get('command')) ?? preset?.argv;
  if (argv === undefined || argv.length === 0 || argv[0] === '') {
    const hint = `a list: command = ["my-agent", "--flag"]     or a preset: ${knownAgents.map((one) => one.name).join(', ')}`;
    throw misfit(span, `agents.${name} has no command`, hint);
  }
  const base = preset ?? PLAIN;
  const isProxied = readSwitch(members.get('proxy')) ?? base.isProxied;
  const sets = readVariables(members.get('set'));
  const proxy = base.proxy ?? proxyOf(argv, sets);
  if (isProxied && proxy === undefined) {
    const hint =
      'say where it gets its address: set = { OPENAI_BASE_URL = "{url}/v1", OPENAI_API_KEY = "{token}" }';
    throw misfit(span, `nobody knows how the calls of agents.${name} are led through us`, hint);
  }
  const model = readText(members.get('model')) ?? base.model;
  const auth = readText(members.get('auth')) ?? base.auth;
  return {
    ...base,
    name,
    origin,
    argv,
    protocol: readProtocol(members, base.protocol),
    isProxied,
    ...(proxy === undefined ? {} : { proxy }),
    ...(model === undefined ? {} : { model }),
    ...(auth === undefined ? {} : { auth }),
    passes: readVariableNames(members.get('env')) ?? base.passes,
    sets: { ...base.sets, ...sets },
    reads: readWords(members.get('read')) ?? base.reads,
    writes: readWords(members.get('write')) ?? base.writes,
    home: readChoice(members.get('home'), ['user', 'own'] as const) ?? base.home,
    billing:
      readChoice(members.get('billing'), ['unknown', 'reported', 'included'] as const) ??
      base.billing,
  };
}

function readPreset({ name }: Entry, member: Entry | undefined): AgentRow | undefined {
  const wanted = readText(member);
  // A row of the name of a known one changes that.
  const found = knownAgents.find((row) => row.name === (wanted ?? name));
  if (found !== undefined || wanted === undefined || member === undefined) return found;
  const names = knownAgents.map((row) => row.name);
  const hint = suggestion(wanted, names) ?? `presets: ${names.join(', ')}`;
  throw misfit(member.span, `there is no preset \`${wanted}\``, hint);
}

function readProtocol(members: ReadonlyMap<string, Entry>, base: AgentProtocol): AgentProtocol {
  const type = readChoice(members.get('protocol'), ['exec', 'acp'] as const) ?? base.type;
  if (type === 'acp') return base.type === 'acp' ? base : { type };
  const format = readChoice(members.get('output'), agentFormats);
  return { type, format: format ?? (base.type === 'exec' ? base.format : 'text') };
}
