import { dirname } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';

/** What the file system says about a path of the user, as an error of ours; anything else as it is. */
export function toWriteError(cause: unknown, path: string): unknown {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new WhaleFlowError('WF7004', `no space for ${path}`, {
        hint: `make room: df -h ${dirname(path)}     what is there stays as it was`,
        cause,
      });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new WhaleFlowError('WF2003', `cannot write ${path}`, {
        hint: `check its folder: ${dirname(path)}`,
        cause,
      });
    default:
      return cause;
  }
}
