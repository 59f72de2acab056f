/** 6xxx: of git, trees and what is applied. */
export const gitErrors = {
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
} as const;
