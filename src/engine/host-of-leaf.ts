/** What a leaf knows of its run, where the run is driven in this process. What it asks for is work of the run. */
import type { LeafHost } from '../leaf/leaf-host.ts';
import { type Conceal, concealContent, concealJson } from '../trace/conceal.ts';
import { type ContentRef, DigestedBlob } from '../trace/content.ts';
import type { LiveLeaf } from './live-leaf.ts';
import type { Mailbox } from './mailbox.ts';
import type { Questions } from './questions.ts';
import type { StrayErrors } from './stray-errors.ts';

export interface HostParts {
  readonly path: string;
  readonly mailbox: Mailbox;
  readonly questions: Questions;
  readonly live: LiveLeaf;
  readonly read: (ref: ContentRef) => Uint8Array;
  readonly strays: StrayErrors;
  readonly conceal: Conceal | undefined;
}

export function hostOfLeaf(parts: HostParts, signal: AbortSignal): LeafHost {
  const { path, mailbox, questions, live, read, strays, conceal } = parts;
  const post: LeafHost['record'] = (fact) =>
    mailbox.post(conceal === undefined ? fact : concealJson(fact, conceal));
  const concealed = (data: Uint8Array | string, type: ContentRef['type']): Uint8Array | string =>
    conceal === undefined ? data : concealContent(data, type, conceal);
  return {
    record: (fact) => strays.outside(() => post(fact)),
    keep: (data, type) => mailbox.keep(concealed(data, type), type),
    digest: (data, type) => new DigestedBlob(concealed(data, type), type).ref.digest,
    read,
    ask: (question) => strays.outside(() => questions.ask(path, question, signal)),
    live: (activity) => strays.outside(() => live.says(activity)),
  };
}
