/** 1xxx: of source texts: files that do not compile. */
export const sourceErrors = {
  WF1001: {
    title: 'syntax error',
    explain: 'The file is not valid JSON, YAML or Starlark. The caret shows where reading stopped.',
    exit: 2,
    http: 422,
  },
  WF1002: {
    title: 'unknown field',
    explain:
      'A field that the kind does not have. Fields are closed so that a slip of the pen is found before a run.',
    exit: 2,
    http: 422,
  },
  WF1003: {
    title: 'missing field',
    explain: 'A field that the kind needs is not there.',
    exit: 2,
    http: 422,
  },
  WF1004: {
    title: 'wrong type',
    explain: 'A field holds a value of another type than the schema says.',
    exit: 2,
    http: 422,
  },
  WF1005: {
    title: 'value out of range',
    explain: 'A value lies outside of what the schema allows.',
    exit: 2,
    http: 422,
  },
  WF1006: {
    title: 'file too large',
    explain: 'Workflow files are at most 1 MiB, 5,000 keys a map and 64 levels deep.',
    exit: 2,
    http: 422,
  },
  WF1007: {
    title: 'forbidden key',
    explain: 'Keys like `__proto__` are refused at the boundary.',
    exit: 2,
    http: 422,
  },
  WF1008: {
    title: 'aliases not allowed',
    explain: 'YAML aliases past a small number are refused: they can grow without bound.',
    exit: 2,
    http: 422,
  },
  WF1009: {
    title: 'number not exact',
    explain: 'An integer past 2^53 - 1 would lose digits.',
    exit: 2,
    http: 422,
  },
  WF1101: {
    title: 'starlark error',
    explain: 'The program stopped with an error. The traceback shows the calls, outermost first.',
    exit: 2,
    http: 422,
  },
  WF1102: {
    title: 'starlark limit',
    explain: 'The program used more steps, memory, depth or time than a graph builder may.',
    exit: 2,
    http: 422,
  },
  WF1103: {
    title: 'load refused',
    explain: '`load` reads only `.star` files of the workflow folder.',
    exit: 2,
    http: 422,
  },
  WF1104: {
    title: 'no workflow',
    explain: 'The file ended without a call of `workflow(...)`, or made two.',
    exit: 2,
    http: 422,
  },
  WF1105: {
    title: 'node never placed',
    explain: 'The program makes a node that stands in no list of nodes, so that it never runs.',
    exit: 2,
    http: 422,
  },
  WF1201: {
    title: 'duplicate id',
    explain: 'Node ids are unique in a workflow.',
    exit: 2,
    http: 422,
  },
  WF1202: {
    title: 'unknown reference',
    explain: 'A reference names a node that does not exist or is not in reach.',
    exit: 2,
    http: 422,
  },
  WF1203: {
    title: 'reference not backward',
    explain: 'A node may only refer to what has run before it.',
    exit: 2,
    http: 422,
  },
  WF1204: {
    title: 'sibling reference',
    explain: 'Branches of one set run at the same time and may not refer to each other.',
    exit: 2,
    http: 422,
  },
  WF1205: {
    title: 'bad id',
    explain:
      'Ids are 1 to 64 characters and have none of `$ / # @ [ ] ( ) { }`, white space or control characters.',
    exit: 2,
    http: 422,
  },
  WF1206: {
    title: 'bad template',
    explain: 'A `{{…}}` in a prompt or argument cannot be filled.',
    exit: 2,
    http: 422,
  },
  WF1207: {
    title: 'bad schema',
    explain: 'An output or params schema is not valid JSON Schema 2020-12.',
    exit: 2,
    http: 422,
  },
  WF1208: {
    title: 'bad params',
    explain: 'The given parameters do not fit the workflow’s `params` schema.',
    exit: 2,
    http: 422,
  },
  WF1301: {
    title: 'population over the limit',
    explain:
      'The worst case of leaves is more than the limit; bound loops and expands, or raise `maxLeaves`.',
    exit: 2,
    http: 422,
  },
  WF1302: {
    title: 'nested too deep',
    explain: 'Control nodes are nested deeper than the limit.',
    exit: 2,
    http: 422,
  },
  WF1303: {
    title: 'rights widen',
    explain: 'Permissions and budgets only narrow downwards.',
    exit: 2,
    http: 422,
  },
  WF1304: {
    title: 'parallel writers',
    explain:
      'Two nodes that may run at the same time write the same files of one tree; isolate them or give them scopes that do not overlap.',
    exit: 2,
    http: 422,
  },
  WF1305: {
    title: 'unbounded',
    explain: 'A loop needs `maxIterations`, and an expand needs `maxChildren`.',
    exit: 2,
    http: 422,
  },
  WF1306: {
    title: 'right not granted',
    explain:
      'A node needs a right (to write, to run this command) that its permissions do not grant.',
    exit: 2,
    http: 422,
  },
  WF1307: {
    title: 'candidate twice',
    explain: 'A node stands among the candidates twice: by itself and in an expand, or two times.',
    exit: 2,
    http: 422,
  },
  WF1401: {
    title: 'vendor name in a workflow',
    explain: 'Workflows name roles and capabilities; which model answers is not for them to say.',
    exit: 2,
    http: 422,
  },
  WF1402: {
    title: 'feature is off',
    explain:
      'The node belongs to a part of WhaleFlow that is off until it is stable. `check` and `plan` warn of it, a run is refused; `[features]` of your configuration turns it on.',
    exit: 2,
    http: 422,
  },
  WF1403: {
    title: 'unknown skill',
    explain:
      'A leaf names a skill that lies in none of the places where skills are looked for, or a leaf that asks no model names one.',
    exit: 2,
    http: 422,
  },
  WF1404: {
    title: 'skill cannot be used',
    explain:
      'A skill is a folder with a SKILL.md that begins with its name and description between two lines of ---; its name is that of the folder. Sizes are bounded, and a repository’s skill lies in the repository.',
    exit: 2,
    http: 422,
  },
} as const;
