/** A run in memory for the tests of leaves: what was recorded, commit by commit. */
import { createHash } from 'node:crypto';
import type { Json } from '../base/json.ts';
import type { ContentRef } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import type { LeafTask } from '../workflow/task.ts';
import type { LeafNode } from '../workflow/workflow-spec.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';

export interface TestHost extends LeafHost {
  /** Facts of each commit: what was recorded in one turn of the event loop. */
  readonly commits: readonly (readonly Fact[])[];
  readonly facts: readonly Fact[];
  readonly shown: readonly { readonly kind: string; readonly text?: string }[];
  text(ref: ContentRef | undefined): string;
  json(ref: ContentRef | undefined): Json;
}

/** `failAt`: type of the fact that cannot be recorded. */
export function testHost(failAt?: Fact['type']): TestHost {
  const commits: Fact[][] = [];
  const contents = new Map<string, Uint8Array>();
  const shown: { readonly kind: string; readonly text?: string }[] = [];
  let open: Fact[] | undefined;
  let durable = Promise.resolve();
  const read = (ref: ContentRef): Uint8Array => contents.get(ref.digest) ?? new Uint8Array();
  const text = (ref: ContentRef | undefined): string =>
    ref === undefined ? '' : new TextDecoder().decode(read(ref));
  return {
    commits,
    shown,
    get facts() {
      return commits.flat();
    },
    record(fact) {
      if (fact.type === failAt) return Promise.reject(new Error('the store is full'));
      if (open === undefined) {
        open = [];
        commits.push(open);
        durable = new Promise((resolve) => {
          setImmediate(() => {
            open = undefined;
            resolve();
          });
        });
      }
      open.push(fact);
      return durable;
    },
    keep(data, type) {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      const digest = createHash('sha256').update(bytes).digest('hex');
      contents.set(digest, bytes);
      return { digest, bytes: bytes.length, type };
    },
    digest: (data) => createHash('sha256').update(data).digest('hex'),
    read,
    ask: async () => ({ approved: false, by: 'nobody' }),
    live: (activity) => shown.push(activity),
    text,
    json: (ref) => JSON.parse(text(ref)) as Json,
  };
}

type NodeParts = Partial<Omit<LeafNode, 'task' | 'kind'>>;

/** A job with everything at its plainest. */
export function testJob<Task extends LeafTask>(
  task: Task,
  { node, ...job }: Partial<Omit<LeafJob<Task>, 'node'>> & { readonly node?: NodeParts } = {},
): LeafJob<Task> {
  return {
    run: 'run1',
    path: 'leaf',
    attempt: 1,
    node: {
      id: 'leaf',
      kind: 'leaf',
      permissions: {
        write: false,
        shell: false,
        network: false,
        commands: ['*'],
        tools: [],
        env: [],
      },
      modelPolicy: {},
      isolation: 'shared',
      mode: 'read_only',
      inputs: {},
      retry: { maxAttempts: 1, on: [], backoffMs: 0, maxBackoffMs: 0 },
      memo: 'run',
      skills: [],
      ...node,
      task,
    },
    inputs: {},
    previous: {},
    params: {},
    sample: '',
    wanted: [],
    consent: { by: 'flag', commands: ['*'] },
    ...job,
  };
}
