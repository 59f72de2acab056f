import type { CommandSpec } from '../command.ts';

/** Config, help for authors, this machine. */
export const setUpCommands: readonly CommandSpec[] = [
  {
    name: 'explain',
    summary: 'what an error code means, and what to do',
    group: 'learn',
    arguments: [{ name: 'CODE', summary: 'as printed: WF1202' }],
    fields: ['code', 'title', 'explain', 'example', 'exit', 'http'],
    examples: [
      ['whaleflow explain WF1202', 'unknown reference'],
      ['whaleflow explain 2101 --json', 'for programs'],
    ],
    load: () => import('../commands/explain.ts'),
  },
  {
    name: 'schema',
    summary: 'the JSON Schema of workflow, trace or config',
    group: 'learn',
    arguments: [{ name: 'NAME', summary: 'workflow, trace or config' }],
    examples: [
      ['whaleflow schema workflow -o workflow.schema.json', 'for an editor'],
      ['whaleflow schema trace', 'of exported runs'],
    ],
    load: () => import('../commands/schema.ts'),
  },
  {
    name: 'fmt',
    summary: 'lay out .star files; comments and line breaks stay',
    group: 'learn',
    arguments: [{ name: 'FILE', summary: '.star files', rest: true }],
    options: [
      { flags: '--check', summary: 'only name the files that would change; exit status 1 if any' },
      { flags: '--diff', summary: 'only show what would change' },
      {
        flags: '--repair',
        summary: 'mend common slips as well (ctx.parallel, missing commas, true); shows each',
      },
    ],
    fields: ['ok', 'files'],
    examples: [
      ['whaleflow fmt fix.star', 'in place'],
      ['whaleflow fmt --check *.star', 'for CI'],
      ['whaleflow fmt --repair --diff draft.star', 'see what would be mended, change nothing'],
    ],
    load: () => import('../commands/fmt.ts'),
  },
  {
    name: 'test',
    summary: 'run a workflow by a mock, in memory, and hold it to expectations',
    group: 'learn',
    arguments: [{ name: 'WORKFLOW', summary: 'a .star, .yaml or .json file, or a saved name' }],
    options: [
      { flags: '--fixture <FILE>', summary: 'the answers; made up where absent' },
      { flags: '-a, --arg <KEY=VALUE>', summary: 'a parameter; JSON or text', many: true },
      { flags: '--args <FILE>', summary: 'parameters from a JSON file, - for stdin', rare: true },
      { flags: '--outcome <STATUS>', summary: 'succeeded (default), degraded, failed, cancelled' },
      { flags: '--winner <NODE=WINNER>', summary: 'who wins a tournament', many: true },
      { flags: '--ran <PATH>', summary: 'a leaf that has to run', many: true },
      { flags: '--not-ran <PATH>', summary: 'a leaf that must not run', many: true },
      { flags: '--max-leaves <COUNT>', summary: 'leaf attempts at most' },
      { flags: '--max-usd <AMOUNT>', summary: 'cost at most' },
    ],
    fields: ['ok', 'outcome', 'expected'],
    examples: [
      ['whaleflow test fix.star --fixture good.yaml --winner best=small', 'exit status 1 if not'],
      ['whaleflow test fix.star --fixture bad.yaml --outcome failed --max-leaves 3', 'for CI'],
    ],
    load: () => import('../commands/test.ts'),
  },
  {
    name: 'docs',
    summary: 'the builtins of workflow files: reference or editor stubs',
    group: 'learn',
    arguments: [{ name: 'NAME', summary: 'builtins or stubs' }],
    examples: [
      ['whaleflow docs builtins', 'every builtin with its parameters and an example'],
      ['whaleflow docs stubs -o whaleflow.pyi', 'for editors that know Python'],
    ],
    load: () => import('../commands/docs.ts'),
  },
  {
    name: 'starlark',
    summary: 'run a file of plain Starlark, or try the language line by line',
    group: 'learn',
    arguments: [
      { name: 'FILE', summary: 'a file; reads lines from stdin where absent', optional: true },
    ],
    examples: [
      ['whaleflow starlark sums.star', 'its print goes to stdout'],
      ['whaleflow starlark', 'shows the value of each expression'],
    ],
    load: () => import('../commands/starlark.ts'),
  },
  {
    name: 'config',
    summary: 'the settings in force: list, read, change',
    group: 'set up',
    details: [
      '`set` and `edit` write your own config.toml, with --project that of the repository; comments and\n' +
        'order stay, and what would not count there is refused. Keys of models are\n' +
        'roles.ROLE, providers.NAME.base_url, models.PROVIDER:MODEL.tools, prices.PROVIDER:MODEL.input.',
    ],
    arguments: [
      { name: 'WHAT', summary: 'ls (default), get, set, edit or path', optional: true },
      { name: 'KEY VALUE', summary: 'of get: a key; of set: pairs', rest: true, optional: true },
    ],
    options: [
      { flags: '--show-origin', summary: 'where each value comes from' },
      { flags: '--user', summary: 'set or edit your own file (default)' },
      { flags: '--project', summary: 'set or edit the file of this repository' },
    ],
    fields: ['settings', 'files', 'key', 'value', 'origin', 'file'],
    rows: {
      lists: ['settings', 'files'],
      fields: ['key', 'value', 'origin', 'path', 'exists', 'counts', 'in_force', 'in_force_from'],
    },
    examples: [
      ['whaleflow config ls --show-origin', 'each value with its file and line'],
      ['whaleflow config set ceilings.max_usd 2', 'in your own file'],
      [
        'whaleflow config set --project ceilings.max_leaves 50',
        'for all who work on this repository',
      ],
      ['whaleflow config get roles.default', 'the value alone, for scripts'],
      ['whaleflow config path', 'files that are read, strongest first'],
    ],
    load: () => import('../commands/config.ts'),
  },
  {
    name: 'providers',
    summary: 'who may answer for models: list, try out, add',
    group: 'set up',
    details: [
      '`test` asks three short questions for real and says first what they cost; it shows what failed\n' +
        'and why (DNS, TLS, key, model, proxy), and what the model can. `add` writes your own config.toml:\n' +
        'names of keys, never keys. openai, anthropic, deepseek, openrouter, ollama, vllm and llamacpp\n' +
        'are built in.',
    ],
    arguments: [
      { name: 'WHAT', summary: 'ls (default), test or add', optional: true },
      {
        name: 'NAME',
        summary: 'a provider; of test: or PROVIDER:MODEL, all that roles name where absent',
        rest: true,
        optional: true,
      },
    ],
    options: [
      { flags: '--save', summary: 'test: keep what was learnt in your config' },
      {
        flags: '--record <FILE>',
        summary: 'test: keep what was sent and answered, without keys, as a fixture',
        rare: true,
      },
      { flags: '--base-url <URL>', summary: 'add: its address, with its version' },
      {
        flags: '--dialect <NAME>',
        summary: 'add: openai (default), openai-responses, anthropic or gemini',
      },
      { flags: '--key-env <NAME>', summary: 'add: the variable that holds the key' },
      { flags: '--key-cmd <LINE>', summary: 'add: a command that prints the key' },
      {
        flags: '--key-stdin',
        summary: 'add: keep the key from stdin in a file for you alone',
        rare: true,
      },
      { flags: '--model <ID>', summary: 'add: the model that answers' },
      { flags: '--role <ROLE>', summary: 'add: for this role only' },
    ],
    fields: ['providers', 'tests', 'file', 'name', 'base_url', 'key_missing', 'settings'],
    rows: {
      lists: ['providers', 'tests'],
      fields: [
        ...['name', 'dialect', 'base_url', 'key', 'max_calls', 'origin', 'models'],
        ...['model', 'ok', 'answered_by', 'latency_ms', 'usage_reported', 'tokens'],
        ...['cost_microusd', 'learnt', 'cause', 'fix'],
      ],
    },
    examples: [
      ['whaleflow providers ls', 'addresses, keys that are set, capabilities, prices'],
      ['whaleflow providers add deepseek --model deepseek-chat', 'with $DEEPSEEK_API_KEY'],
      ['whaleflow providers add lab --base-url https://lab.test/v1 --key-env LAB_KEY', 'your own'],
      ['whaleflow providers test lab:small', 'does it answer, and what can it do'],
    ],
    load: () => import('../commands/providers.ts'),
  },
  {
    name: 'workflows',
    summary: 'what can be run by name: list, show, save, remove',
    group: 'set up',
    details: [
      'Of one name, the workflow of the repository is run before yours, and yours before the built-in\n' +
        'one. `save` writes into .whaleflow/workflows, with --user into your own folder.',
    ],
    arguments: [
      { name: 'WHAT', summary: 'ls (default), show, save or rm', optional: true },
      {
        name: 'NAME',
        summary: 'of show and rm: a workflow; of save: a run or a file, and a name',
        rest: true,
        optional: true,
      },
    ],
    options: [
      { flags: '--user', summary: 'save for all of your repositories' },
      { flags: '--project', summary: 'save for this repository (default)' },
    ],
    fields: ['workflows', 'name', 'owner', 'path', 'text'],
    rows: {
      lists: ['workflows'],
      fields: ['name', 'owner', 'path', 'shadowed', 'goal', 'problem'],
    },
    examples: [
      ['whaleflow workflows', 'yours, the repository’s and the built-in ones'],
      ['whaleflow workflows save @last nightly', 'then: whaleflow run nightly'],
      ['whaleflow workflows show diagnose', 'its text, to copy from'],
    ],
    load: () => import('../commands/workflows.ts'),
  },
  {
    name: 'agents',
    summary: 'other coding agents: which are known and installed; try one out',
    group: 'set up',
    feature: 'external_agents',
    arguments: [
      { name: 'WHAT', summary: 'ls (default) or test', optional: true },
      { name: 'NAME', summary: 'of test: the agent', rest: true, optional: true },
    ],
    options: [{ flags: '--ask', summary: 'of test: have it answer a word, which may cost' }],
    fields: ['agents', 'agent', 'ok', 'checks'],
    rows: {
      lists: ['agents'],
      fields: ['name', 'program', 'path', 'version', 'protocol', 'usage', 'billing', 'origin'],
    },
    examples: [
      ['whaleflow agents ls', 'what is on the path, with its version'],
      ['whaleflow agents test claude-acp', 'starts it and opens a session; asks it nothing'],
      ['whaleflow agents test claude --ask', 'one word of an answer, with what it reports'],
      ['whaleflow agents ls --json name,version', 'for programs'],
    ],
    load: () => import('../commands/agents.ts'),
  },
  {
    name: 'mcp',
    summary: 'MCP servers as tools of agents: list, ask, accept their tools',
    group: 'set up',
    feature: 'mcp',
    details: [
      'A tool is used only where `[mcp.NAME] allow` names it, a workflow asks for it as mcp__NAME__TOOL,\n' +
        'and you have accepted its definition. `test` asks a server what it offers; `pin` shows that and\n' +
        'accepts what is allowed; a definition that changes is refused until it is accepted again.',
    ],
    arguments: [
      { name: 'WHAT', summary: 'ls (default), test, pin or unpin', optional: true },
      { name: 'NAME', summary: 'of test, pin and unpin: a server', optional: true },
    ],
    options: [
      { flags: '--accept <DIGEST>', summary: 'pin: what was looked at, without a question' },
    ],
    fields: ['servers', 'server', 'digest', 'tools', 'missing', 'changes', 'notes', 'file'],
    rows: {
      lists: ['servers', 'tools'],
      fields: [
        ...['name', 'reach', 'type', 'allowed', 'pinned', 'state', 'origin'],
        ...['description', 'digest', 'obstacle'],
      ],
    },
    examples: [
      ['whaleflow mcp ls', 'what is configured, allowed and accepted'],
      ['whaleflow mcp test docs', 'what does it offer now'],
      ['whaleflow mcp pin docs', 'read it and accept it'],
    ],
    load: () => import('../commands/mcp.ts'),
  },
  {
    name: 'trust',
    summary: 'let the config of this repository count',
    group: 'set up',
    arguments: [{ name: 'DIR', summary: 'the working folder where absent', optional: true }],
    details: [
      'It counts as it is now, with the files of the repository that its hooks, agents, MCP servers and setup\n' +
        'name: the programs, and what is handed to them. When one of them changes, by a pull or by the patch of\n' +
        'a run, runs are refused here until you have read it and typed `whaleflow trust` again.',
    ],
    options: [{ flags: '--take-back', summary: 'it no longer counts' }],
    fields: ['folder', 'was_trusted', 'is_trusted', 'settings', 'files'],
    examples: [
      ['whaleflow trust', 'after reading .whaleflow/config.toml'],
      ['whaleflow trust ~/src/project', 'another one'],
      ['whaleflow trust --take-back', 'run without its config'],
    ],
    load: () => import('../commands/trust.ts'),
  },
  {
    name: 'doctor',
    summary: 'what a run needs here, and what mends what is amiss',
    group: 'set up',
    options: [
      { flags: '--fix', summary: 'remove checkouts that processes left behind that are gone' },
    ],
    fields: ['ok', 'removed', 'findings'],
    rows: { lists: ['findings'], fields: ['check', 'verdict', 'found', 'fix'] },
    examples: [
      ['whaleflow doctor', 'exit status 1 if anything has to be mended'],
      ['whaleflow doctor --fix', 'and the checkouts of killed runs are removed'],
      ['whaleflow doctor --json', 'for programs'],
    ],
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'recover',
    summary: 'save what a damaged store still holds; the damaged files are kept',
    group: 'set up',
    details: [
      'Of each run the longest sound beginning is saved, byte for byte, in a new store that takes the\n' +
        'place of the damaged one. A run that lost its end can be resumed from there. A sound store is\n' +
        'left alone.',
    ],
    fields: ['moved_to', 'runs', 'lost_runs'],
    examples: [
      ['whaleflow recover', 'after WF7001, or when verify finds damage'],
      ['whaleflow recover --json', 'what was kept of each run'],
    ],
    load: () => import('../commands/recover.ts'),
  },
  {
    name: 'version',
    summary: 'the version of this build',
    group: 'set up',
    fields: ['version', 'node', 'platform', 'arch'],
    examples: [
      ['whaleflow version', 'with the Node that it runs on'],
      ['whaleflow version --json', 'for programs'],
    ],
    load: () => import('../commands/version.ts'),
  },
];
