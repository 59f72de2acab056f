import type { ProviderRow } from './models-config.ts';

const BUILT_IN = 'built in';

/** Providers that need only a key, and servers that run on one’s own machine. What is not sure is left open. */
export const knownProviders: readonly ProviderRow[] = [
  {
    name: 'openai',
    dialect: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    key: { type: 'env', name: 'OPENAI_API_KEY' },
    capabilities: { tools: 'yes', schema_mode: 'yes' },
    outputLimitField: 'max_completion_tokens',
    listName: 'openai',
    origin: BUILT_IN,
  },
  {
    name: 'anthropic',
    dialect: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    key: { type: 'env', name: 'ANTHROPIC_API_KEY' },
    capabilities: { tools: 'yes' },
    listName: 'anthropic',
    origin: BUILT_IN,
  },
  {
    name: 'deepseek',
    dialect: 'openai',
    baseUrl: 'https://api.deepseek.com/v1',
    key: { type: 'env', name: 'DEEPSEEK_API_KEY' },
    capabilities: { tools: 'yes', schema_mode: 'no' },
    listName: 'deepseek',
    origin: BUILT_IN,
  },
  {
    name: 'openrouter',
    dialect: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    key: { type: 'env', name: 'OPENROUTER_API_KEY' },
    // What a model can do depends on who serves it.
    capabilities: {},
    listName: 'openrouter',
    origin: BUILT_IN,
  },
  {
    name: 'demo',
    dialect: 'openai',
    baseUrl: 'http://127.0.0.1/v1',
    capabilities: { tools: 'yes', schema_mode: 'yes' },
    demo: {
      prices: new Map([
        ['priced', { input: 3, output: 15 }],
        ['dear', { input: 15, output: 75 }],
      ]),
      idleMs: 1500,
    },
    origin: BUILT_IN,
  },
  local('ollama', 'http://127.0.0.1:11434/v1'),
  local('vllm', 'http://127.0.0.1:8000/v1'),
  local('llamacpp', 'http://127.0.0.1:8080/v1'),
];

/** What its models can do depends on which are loaded; answers by schema are the server’s own. */
function local(name: string, baseUrl: string): ProviderRow {
  const capabilities = { schema_mode: 'yes' } as const;
  return { name, dialect: 'openai', baseUrl, capabilities, origin: BUILT_IN };
}
