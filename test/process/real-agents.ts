/**
 * Real coding agents as the registry has them, each with what a scripted model has it do: make
 * `src/made.txt` with one of its own tools, and say that it is done. They are downloaded for the test,
 * outside of our dependencies.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptedToolCall } from '../../src/model/scripted-server/dialect.ts';

export interface RealAgent {
  /** Of the preset. */
  readonly preset: string;
  /** With the version that was tried. */
  readonly packages: readonly string[];
  /** A script of its own that puts the program in its place. */
  readonly setUp?: string;
  /** Below `node_modules/.bin`. */
  readonly program: string;
  /** What its model calls. */
  readonly call: ScriptedToolCall;
  /** Lines of `[agents.coder]`; `{server}` is the scripted model. */
  readonly settings: readonly string[];
  /** More of them in the strict sandbox. */
  readonly confined?: readonly string[];
  /** The provider’s, where it is none that speaks chat. */
  readonly dialect?: string;
  /** Its calls go through us. */
  readonly isProxied: boolean;
  /** It asks leave by the protocol. */
  readonly asksLeave: boolean;
  /** Without a sandbox it runs no commands unasked, and its tools for files want places that no script knows. */
  readonly isConfinedOnly?: true;
  /** Files of its home. */
  readonly home?: Readonly<Record<string, string>>;
}

const COMMAND = 'mkdir -p src && printf "made by it\\n" > src/made.txt';
const description = 'make the file';
const PROXY = ['proxy = true'];
const shell = (name: string, input: ScriptedToolCall['input']): ScriptedToolCall => ({
  name,
  input,
});
const codexCall = shell('exec_command', { cmd: COMMAND });
const openCodeCall = shell('bash', { command: COMMAND, description });

/** It asks the scripted server itself. */
const gemini = {
  packages: ['@google/gemini-cli@0.61.0'],
  program: 'gemini',
  call: shell('write_file', { file_path: 'src/made.txt', content: 'made by it\n' }),
  settings: [
    'billing = "included"',
    'model = "small"',
    'set = { GEMINI_API_KEY = "none", GOOGLE_GEMINI_BASE_URL = "{server}" }',
  ],
  isProxied: false,
  home: {
    '.gemini/settings.json': '{"security": {"auth": {"selectedType": "gemini-api-key"}}}',
    '.gemini/trustedFolders.json': '{"/": "TRUST_FOLDER"}',
  },
} as const;

/** Without a sandbox it edits only in folders that are trusted. */
const proxiedGemini = {
  packages: gemini.packages,
  program: gemini.program,
  call: gemini.call,
  settings: [...PROXY, 'set = { GEMINI_CLI_TRUST_WORKSPACE = "true" }'],
  dialect: 'gemini',
  isProxied: true,
} as const;

export const realAgents: readonly RealAgent[] = [
  {
    preset: 'qwen-acp',
    packages: ['@qwen-code/qwen-code@0.24.4'],
    program: 'qwen',
    call: shell('run_shell_command', { command: COMMAND, is_background: false, description }),
    settings: PROXY,
    isProxied: true,
    asksLeave: true,
  },
  {
    preset: 'qwen',
    packages: ['@qwen-code/qwen-code@0.24.4'],
    program: 'qwen',
    call: shell('run_shell_command', { command: COMMAND, is_background: false, description }),
    settings: PROXY,
    isProxied: true,
    asksLeave: false,
    isConfinedOnly: true,
  },
  {
    preset: 'claude',
    packages: ['@anthropic-ai/claude-code@2.1.330'],
    setUp: 'node_modules/@anthropic-ai/claude-code/install.cjs',
    program: 'claude',
    call: shell('Bash', { command: COMMAND, description }),
    settings: PROXY,
    dialect: 'anthropic',
    isProxied: true,
    asksLeave: false,
  },
  {
    preset: 'codex',
    packages: ['@openai/codex@0.169.0'],
    program: 'codex',
    call: codexCall,
    settings: PROXY,
    dialect: 'openai-responses',
    isProxied: true,
    asksLeave: false,
  },
  {
    preset: 'codex-acp',
    packages: ['@agentclientprotocol/codex-acp@2.6.0'],
    program: 'codex-acp',
    call: codexCall,
    settings: PROXY,
    confined: ['set = { INITIAL_AGENT_MODE = "agent-full-access" }'],
    dialect: 'openai-responses',
    isProxied: true,
    asksLeave: false,
  },
  {
    preset: 'claude-acp',
    packages: ['@agentclientprotocol/claude-agent-acp@0.100.0'],
    program: 'claude-agent-acp',
    call: shell('Bash', { command: COMMAND, description }),
    settings: PROXY,
    dialect: 'anthropic',
    isProxied: true,
    asksLeave: true,
  },
  {
    preset: 'opencode',
    packages: ['opencode-ai@1.18.33'],
    program: 'opencode',
    call: openCodeCall,
    settings: PROXY,
    isProxied: true,
    asksLeave: false,
  },
  {
    preset: 'opencode-acp',
    packages: ['opencode-ai@1.18.33'],
    program: 'opencode',
    call: openCodeCall,
    settings: PROXY,
    isProxied: true,
    asksLeave: true,
  },
  { ...proxiedGemini, preset: 'gemini', asksLeave: false },
  { ...proxiedGemini, preset: 'gemini-acp', asksLeave: true },
  { ...gemini, preset: 'gemini', asksLeave: false },
  { ...gemini, preset: 'gemini-acp', asksLeave: true },
];

const INSTALL_LIMIT_MS = 300_000;

/** The program, absolute; undefined where there is no registry to install it from. */
export function installAgent(
  folder: string,
  { packages, program, setUp }: RealAgent,
): string | undefined {
  const bin = join(folder, 'node_modules/.bin', program);
  if (existsSync(bin)) return bin;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  try {
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages];
    const options = { cwd: folder, stdio: 'ignore', timeout: INSTALL_LIMIT_MS } as const;
    execFileSync('npm', words, options);
    if (setUp !== undefined) execFileSync(process.execPath, [setUp], options);
    return existsSync(bin) ? bin : undefined;
  } catch {
    return undefined;
  }
}
