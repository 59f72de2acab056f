/** 7xxx: of the store. */
export const storeErrors = {
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
    explain:
      'The disk of the state folder, of checkouts or of your files is full; nothing that was acknowledged is lost.',
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
  WF7010: {
    title: 'store closed',
    explain: 'A program went on with a store that it had closed.',
    exit: 9,
    http: 500,
  },
  WF7009: {
    title: 'disk failed',
    explain:
      'Reading or writing the store gave an input/output error; nothing that was acknowledged is lost.',
    exit: 9,
    http: 500,
  },
} as const;
