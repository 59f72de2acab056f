/** Whether this machine can confine a process at all: containers often allow no user namespaces. */
import { spawnSync } from 'node:child_process';

const WORDS = ['--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'];

/** What tries the sandbox is skipped where there can be none; `doctor` says why. */
export const canConfine: boolean = spawnSync('bwrap', WORDS, { timeout: 20_000 }).status === 0;
