/** What the sandbox may have had to do with a failure, as far as the command’s own words tell. */
import type { SandboxLevel } from '../../sandbox/sandbox.ts';
import { listSome } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';

/** `text`: the end of what it printed. Undefined where nothing points to the sandbox. */
export function confinementHint(
  { node }: Pick<LeafJob, 'node'>,
  level: SandboxLevel,
  text: string,
): string | undefined {
  if (level !== 'strict') return undefined;
  const missing = /^prlimit: failed to execute (.{1,80}?): No such file/m.exec(text)?.[1];
  if (missing?.startsWith('.') === true) {
    return `there is no ${missing} in its tree, or its #! names a program that the sandbox does not have`;
  }
  if (missing !== undefined) return `the sandbox has no program ${missing}; ${READ}`;
  if (/^bwrap: /m.test(text)) return 'the sandbox itself failed: whaleflow doctor';
  if (!node.permissions.network && NO_NETWORK.test(text)) {
    return 'the sandbox gives it no network, and a loopback of its own: permissions.network';
  }
  if (NO_WRITE.test(text)) return writeHint(node);
  if (text.split('\n').some((line) => NOT_THERE.test(line) && /\/(?:home|root)\//.test(line))) {
    return `the sandbox shows the tree and the system, not your home; ${READ}`;
  }
  return undefined;
}

const READ = 'folders to read: [sandbox] read in your config.toml';
const NO_NETWORK =
  /ENETUNREACH|Network is unreachable|EAI_AGAIN|Temporary failure in name resolution|Could not resolve host|ECONNREFUSED|Connection refused/;
const NO_WRITE = /EROFS|Read-only file system/;
const NOT_THERE = /ENOENT|No such file or directory/;

function writeHint({ mode, fileScope }: LeafJob['node']): string {
  if (mode === 'read_only') return 'the sandbox lets a read_only leaf write nothing of its tree';
  const where = fileScope === undefined ? 'its tree' : `the folders of ${listSome(fileScope)}`;
  return `the sandbox lets it write to ${where}, its home and its temporary folder only`;
}
