/** 3xxx: of models, agents and servers of tools. */
export const providerErrors = {
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
} as const;
