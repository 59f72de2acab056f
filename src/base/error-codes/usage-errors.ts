/** 2xxx: of command lines and configuration. */
export const usageErrors = {
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
} as const;
