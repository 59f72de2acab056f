/**
 * The one table of what can go wrong. A code never changes its meaning; ranges: 1xxx source, 2xxx usage
 * and config, 3xxx provider and agent, 4xxx budget, limits, permission, 5xxx replay and trace, 6xxx git
 * and apply, 7xxx store, 9xxx ours. `whaleflow explain CODE` prints a row.
 */
export interface ErrorCodeRow {
  /** A few words, lower case. */
  readonly title: string;
  /** Why it happens and what to do, one or two sentences for `explain`. */
  readonly explain: string;
  readonly exit: ExitStatus;
  readonly http: 400 | 401 | 402 | 403 | 404 | 409 | 422 | 500 | 503;
}

/** Exit statuses of the command line (`whaleflow help exit-codes`). */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 124 | 130 | 143;

const table = {
  // 1xxx source
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
  // 2xxx usage and config
  WF2001: {
    title: 'wrong node version',
    explain: 'WhaleFlow needs Node 24 or newer.',
    exit: 2,
    http: 500,
  },
  WF2002: {
    title: 'usage',
    explain: 'The command line does not fit the command.',
    exit: 2,
    http: 400,
  },
  WF2003: {
    title: 'no such file',
    explain: 'The file does not exist or cannot be read.',
    exit: 2,
    http: 404,
  },
  WF2004: {
    title: 'no such run',
    explain: 'No run of this id, prefix or name is in the store.',
    exit: 2,
    http: 404,
  },
  WF2005: {
    title: 'ambiguous run',
    explain: 'The prefix fits more than one run.',
    exit: 2,
    http: 409,
  },
  WF2006: {
    title: 'no such leaf',
    explain: 'The run has no node at this address.',
    exit: 2,
    http: 404,
  },
  WF2007: {
    title: 'bad config',
    explain: 'A config file is not valid TOML or has a value of the wrong type.',
    exit: 2,
    http: 422,
  },
  WF2008: {
    title: 'config of an untrusted folder',
    explain:
      'Project config counts only after `whaleflow trust`, as it was then, with the files of the repository that it names. Where it has changed since, no run starts.',
    exit: 2,
    http: 403,
  },
  WF2009: {
    title: 'output exists',
    explain: 'The output file exists; files are not overwritten without --force.',
    exit: 2,
    http: 409,
  },
  WF2010: { title: 'unknown code', explain: 'There is no error of this code.', exit: 2, http: 404 },
  WF2101: {
    title: 'a question needs a person',
    explain:
      'Input is off, and a question has to be answered first; the message names the flag that answers it. `--yes` answers for the plan alone, never for commands or secrets.',
    exit: 5,
    http: 409,
  },
  // 3xxx provider and agent
  WF3001: {
    title: 'runner not available',
    explain: 'This task kind has no runner here yet.',
    exit: 4,
    http: 503,
  },
  WF3002: {
    title: 'no provider',
    explain: 'No provider is configured for this role.',
    exit: 4,
    http: 503,
  },
  WF3003: {
    title: 'no key',
    explain:
      'The provider wants a key, and there is none where its configuration says. Nothing was started.',
    exit: 4,
    http: 503,
  },
  WF3004: {
    title: 'model cannot',
    explain:
      'No model of the role can do what the leaf needs, such as calling tools. Configure another, or say that it can: `[models."PROVIDER:MODEL"]`.',
    exit: 4,
    http: 503,
  },
  WF3005: {
    title: 'model server does not run',
    explain:
      'A provider is served by this machine, and nothing listens at its address. Nothing was started; start the server, or say where it is.',
    exit: 4,
    http: 503,
  },
  WF3011: {
    title: 'no agent',
    explain:
      'A leaf asks another coding agent, and none is configured under that name. `whaleflow agents ls` lists those that are known.',
    exit: 4,
    http: 503,
  },
  WF3012: {
    title: 'agent not installed',
    explain:
      'The program of a coding agent is not on the path. Agents are never part of WhaleFlow: install what you use.',
    exit: 4,
    http: 503,
  },
  WF3013: {
    title: 'no MCP server or tool',
    explain:
      'A leaf may use a tool of an MCP server that is not configured, not allowed, or cannot be reached. `whaleflow mcp ls` lists what is configured, `whaleflow mcp test NAME` asks a server.',
    exit: 4,
    http: 503,
  },
  WF3014: {
    title: 'MCP tool not accepted',
    explain:
      'The definition of a tool of an MCP server is not one that you have accepted: it is new, or it has changed since. `whaleflow mcp pin NAME` shows what it is and asks.',
    exit: 4,
    http: 503,
  },
  // 4xxx budget, limits, permission
  WF4001: {
    title: 'stopped by a budget',
    explain: 'The run reached a ceiling; its work is kept and `resume` goes on.',
    exit: 6,
    http: 402,
  },
  WF4002: {
    title: 'command not allowed',
    explain: 'A command is neither granted by the workflow nor accepted by you.',
    exit: 5,
    http: 403,
  },
  WF4003: {
    title: 'cost unknown',
    explain: 'A call without a known price is refused under a money ceiling.',
    exit: 4,
    http: 402,
  },
  WF4004: {
    title: 'no sandbox',
    explain:
      'The strict sandbox was asked for, or the run was recorded with it, and this machine cannot give it. Nothing was started; `whaleflow doctor` tries it out.',
    exit: 9,
    http: 503,
  },
  // 5xxx replay and trace
  WF5001: {
    title: 'not a finished run',
    explain: 'This needs a run that has finished.',
    exit: 2,
    http: 409,
  },
  WF5002: {
    title: 'replay diverged',
    explain: 'The recorded facts lead to other decisions under the present rules or file.',
    exit: 3,
    http: 409,
  },
  WF5003: {
    title: 'trace damaged',
    explain: 'The hash chain of the run is broken, or its tail is missing.',
    exit: 9,
    http: 500,
  },
  WF5004: {
    title: 'run is finished',
    explain: 'A finished run is never reopened; fork it.',
    exit: 2,
    http: 409,
  },
  WF5005: {
    title: 'run is being driven',
    explain: 'Another process drives this run.',
    exit: 9,
    http: 409,
  },
  WF5006: {
    title: 'driver lost',
    explain: 'The process that drove the run ended without handing over.',
    exit: 9,
    http: 503,
  },
  WF5007: {
    title: 'nothing would run',
    explain:
      'The record answers every leaf of the fork, also the one that failed: it would end as its parent did. Edit the file, or say what is to run again.',
    exit: 2,
    http: 409,
  },
  // 6xxx git and apply
  WF6001: {
    title: 'no git repository',
    explain: 'Writing leaves work in git worktrees; the folder is in no repository.',
    exit: 9,
    http: 409,
  },
  WF6002: {
    title: 'no commit yet',
    explain: 'The repository has no commit (unborn HEAD): worktrees cannot be made.',
    exit: 9,
    http: 409,
  },
  WF6003: {
    title: 'git failed',
    explain: 'A git command failed; its message is quoted.',
    exit: 9,
    http: 500,
  },
  WF6004: {
    title: 'merge conflict',
    explain: 'Changes of parallel branches overlap. All patches are kept.',
    exit: 1,
    http: 409,
  },
  WF6005: {
    title: 'does not apply',
    explain:
      'The change and your folder have both changed the same files, or something stands in the way. Nothing was written.',
    exit: 7,
    http: 409,
  },
  WF6006: {
    title: 'nothing to apply',
    explain: 'The run, or the part of it, has changed no files, or has no tree of its own.',
    exit: 2,
    http: 409,
  },
  WF6007: {
    title: 'cannot be undone',
    explain: 'Files were changed after they had been applied. Nothing was put back.',
    exit: 7,
    http: 409,
  },
  WF6008: {
    title: 'setup failed',
    explain:
      'The command that installs what trees need (`workspace.setup`) did not end well, or has no lockfile to go by. No run was begun, and nothing was kept of it.',
    exit: 9,
    http: 500,
  },
  WF6009: {
    title: 'cannot be linked',
    explain:
      'A folder of `workspace.link` or of the setup leads back into the repository: without the strict sandbox, a tree would read your files in place of its own.',
    exit: 9,
    http: 409,
  },
  WF6010: {
    title: 'cannot be committed',
    explain:
      'A commit would mix your own uncommitted work into it, or a merge or rebase is in progress, or git does not know who you are. Nothing was written.',
    exit: 7,
    http: 409,
  },
  // 7xxx store
  WF7001: {
    title: 'store not readable',
    explain: 'The store file is damaged or no database.',
    exit: 9,
    http: 500,
  },
  WF7002: {
    title: 'store is newer',
    explain: 'The store was written by a newer WhaleFlow; this one refuses to touch it.',
    exit: 9,
    http: 409,
  },
  WF7003: {
    title: 'store not writable',
    explain: 'The state folder is read-only.',
    exit: 9,
    http: 500,
  },
  WF7004: {
    title: 'disk full',
    explain: 'The disk of the state folder is full; nothing that was acknowledged is lost.',
    exit: 9,
    http: 500,
  },
  WF7005: {
    title: 'store busy',
    explain: 'Another process holds the store for too long.',
    exit: 9,
    http: 503,
  },
  WF7006: {
    title: 'writer fenced',
    explain: 'A newer driver has taken over this run.',
    exit: 9,
    http: 409,
  },
  WF7007: { title: 'no store', explain: 'There are no runs here yet.', exit: 2, http: 404 },
  WF7008: {
    title: 'append conflict',
    explain: 'The run has moved on since it was read.',
    exit: 9,
    http: 409,
  },
  WF7009: {
    title: 'disk failed',
    explain:
      'Reading or writing the store gave an input/output error; nothing that was acknowledged is lost.',
    exit: 9,
    http: 500,
  },
  // 9xxx ours
  WF9001: {
    title: 'internal error',
    explain: 'This is our fault. Please report it with the trace.',
    exit: 1,
    http: 500,
  },
} as const;

export type ErrorCode = keyof typeof table;

export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = table;
