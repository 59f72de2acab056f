/** 4xxx: of budgets, limits and permissions. */
export const limitErrors = {
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
} as const;
