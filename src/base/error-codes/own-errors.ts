/** 9xxx: that are our fault. */
export const ownErrors = {
  WF9001: {
    title: 'internal error',
    explain: 'This is our fault. Please report it with the trace.',
    exit: 1,
    http: 500,
  },
} as const;
