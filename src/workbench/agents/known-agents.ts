/**
 * Programs that are known: each row a set of words, so that configuring one is naming it. Vendors stand
 * here and in `leaf/runners/external/formats/`, and nowhere else.
 */
import type { AgentProtocol, AgentRights } from '../../leaf/runners/external/external-agent.ts';
import type { AgentRow, ProxyWords } from './agents-config.ts';

const ACP: AgentProtocol = { type: 'acp' };
const NO_RIGHTS: AgentRights = { readOnly: [], readWrite: [], confined: [] };

const ANTHROPIC: ProxyWords = {
  dialects: ['anthropic'],
  env: {
    ANTHROPIC_BASE_URL: '{url}',
    ANTHROPIC_API_KEY: '{token}',
    ANTHROPIC_MODEL: '{model}',
    ANTHROPIC_SMALL_FAST_MODEL: '{model}',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: '{model}',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  },
  args: [],
};
const OPENAI: ProxyWords = {
  dialects: ['openai'],
  env: { OPENAI_BASE_URL: '{url}/v1', OPENAI_API_KEY: '{token}', OPENAI_MODEL: '{model}' },
  args: [],
};

type Words = Pick<AgentRow, 'name' | 'protocol' | 'argv'> & Partial<AgentRow>;

const agent = (words: Words): AgentRow => ({
  rights: NO_RIGHTS,
  modelArgs: [],
  isProxied: false,
  passes: [],
  sets: {},
  reads: [],
  writes: [],
  home: 'user',
  billing: 'unknown',
  versionArgs: ['--version'],
  origin: 'built in',
  ...words,
});

const claude = {
  writes: ['~/.claude', '~/.claude.json'],
  billing: 'reported',
  proxy: ANTHROPIC,
} as const;
const codexProxy: ProxyWords = {
  dialects: ['openai-responses', 'openai'],
  env: { WHALEFLOW_PROXY_TOKEN: '{token}' },
  args: [
    '-c',
    'model_provider="whaleflow"',
    '-c',
    'model_providers.whaleflow.name="whaleflow"',
    '-c',
    'model_providers.whaleflow.base_url="{url}/v1"',
    '-c',
    'model_providers.whaleflow.env_key="WHALEFLOW_PROXY_TOKEN"',
    '-c',
    'model_providers.whaleflow.wire_api="responses"',
    '-c',
    'model="{model}"',
  ],
};
/** It takes no arguments; its settings come in a variable. */
const codexAcpProxy: ProxyWords = {
  dialects: ['openai-responses', 'openai'],
  auth: 'api-key',
  env: {
    WHALEFLOW_PROXY_TOKEN: '{token}',
    OPENAI_API_KEY: '{token}',
    MODEL_PROVIDER: 'whaleflow',
    CODEX_CONFIG: JSON.stringify({
      model_provider: 'whaleflow',
      model: '{model}',
      model_providers: {
        whaleflow: {
          name: 'whaleflow',
          base_url: '{url}/v1',
          env_key: 'WHALEFLOW_PROXY_TOKEN',
          wire_api: 'responses',
        },
      },
    }),
  },
  args: [],
};
const codex = { writes: ['~/.codex'], proxy: codexProxy } as const;

/** Led elsewhere, it takes its key only where its settings say that it has one. */
const GEMINI: ProxyWords = {
  dialects: ['gemini'],
  env: { GOOGLE_GEMINI_BASE_URL: '{url}', GEMINI_API_KEY: '{token}', GEMINI_MODEL: '{model}' },
  home: {
    '.gemini/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
    }),
  },
  args: [],
};

const openCodeProxy: ProxyWords = {
  dialects: ['openai'],
  env: {
    OPENCODE_CONFIG_CONTENT: JSON.stringify({
      model: 'whaleflow/{model}',
      small_model: 'whaleflow/{model}',
      autoupdate: false,
      share: 'disabled',
      provider: {
        whaleflow: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: '{url}/v1', apiKey: '{token}' },
          models: { '{model}': {} },
        },
      },
    }),
    // Lists of models and new versions come from a network that it may not have.
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
  },
  args: [],
};
const openCode = {
  writes: [
    '~/.local/share/opencode',
    '~/.local/state/opencode',
    '~/.config/opencode',
    '~/.cache/opencode',
  ],
  proxy: openCodeProxy,
} as const;

export const knownAgents: readonly AgentRow[] = [
  agent({
    ...claude,
    name: 'claude',
    // As root it asks nobody only where it is told that a sandbox holds it.
    confinedSets: { IS_SANDBOX: '1' },
    protocol: { type: 'exec', format: 'claude' },
    argv: ['claude', '-p', '--output-format', 'stream-json', '--verbose', '{rights}', '{model}'],
    rights: {
      readOnly: ['--permission-mode', 'plan'],
      readWrite: ['--permission-mode', 'acceptEdits'],
      confined: ['--permission-mode', 'bypassPermissions'],
    },
    modelArgs: ['--model', '{model}'],
  }),
  agent({ ...claude, name: 'claude-acp', protocol: ACP, argv: ['claude-agent-acp'] }),
  agent({
    ...codex,
    name: 'codex',
    protocol: { type: 'exec', format: 'codex' },
    argv: [
      'codex',
      'exec',
      '--json',
      '--skip-git-repo-check',
      '{proxy}',
      '{rights}',
      '{model}',
      '-',
    ],
    rights: {
      readOnly: ['--sandbox', 'read-only'],
      readWrite: ['--sandbox', 'workspace-write'],
      confined: ['--sandbox', 'danger-full-access'],
    },
    modelArgs: ['--model', '{model}'],
  }),
  agent({
    ...codex,
    name: 'codex-acp',
    protocol: ACP,
    argv: ['codex-acp'],
    proxy: codexAcpProxy,
  }),
  agent({
    name: 'gemini',
    protocol: { type: 'exec', format: 'gemini' },
    argv: ['gemini', '--output-format', 'stream-json', '{rights}', '{model}'],
    // In folders that it does not trust it goes back to asking, which nobody answers.
    rights: {
      readOnly: ['--approval-mode', 'plan'],
      readWrite: ['--approval-mode', 'auto_edit'],
      confined: ['--skip-trust', '--approval-mode', 'yolo'],
    },
    modelArgs: ['--model', '{model}'],
    writes: ['~/.gemini'],
    proxy: GEMINI,
  }),
  agent({
    name: 'gemini-acp',
    // Through us it cannot make a file: that there is none yet is an error to it (0.61.0).
    protocol: { type: 'acp', hasOwnFiles: true },
    argv: ['gemini', '--acp', '{model}'],
    modelArgs: ['--model', '{model}'],
    writes: ['~/.gemini'],
    proxy: GEMINI,
  }),
  agent({
    name: 'qwen',
    protocol: { type: 'exec', format: 'claude' },
    argv: ['qwen', '--output-format', 'stream-json', '{rights}', '{model}'],
    rights: {
      readOnly: ['--approval-mode', 'plan'],
      readWrite: ['--approval-mode', 'auto-edit'],
      confined: ['--approval-mode', 'yolo'],
    },
    modelArgs: ['--model', '{model}'],
    writes: ['~/.qwen'],
    proxy: OPENAI,
  }),
  agent({
    name: 'qwen-acp',
    protocol: ACP,
    argv: ['qwen', '--acp', '{model}'],
    modelArgs: ['--model', '{model}'],
    writes: ['~/.qwen'],
    proxy: OPENAI,
  }),
  agent({
    ...openCode,
    name: 'opencode',
    protocol: { type: 'exec', format: 'opencode' },
    argv: ['opencode', 'run', '--format', 'json', '{rights}', '{model}'],
    rights: { readOnly: ['--agent', 'plan'], readWrite: [], confined: ['--auto'] },
    modelArgs: ['--model', '{model}'],
    billing: 'reported',
  }),
  agent({
    ...openCode,
    name: 'opencode-acp',
    protocol: ACP,
    argv: ['opencode', 'acp'],
    // It asks nobody of its own accord.
    sets: { OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask","webfetch":"ask"}' },
  }),
  agent({
    name: 'codewhale',
    protocol: { type: 'exec', format: 'text' },
    argv: ['codewhale', 'exec', '--', '{prompt}'],
    writes: ['~/.codewhale'],
  }),
];
