/** 5xxx: of runs, their records and replays. */
export const traceErrors = {
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
} as const;
