/**
 * What a leaf draws on the budgets around it: at least so much must be free before it begins. One call of
 * a model is set aside with what it reads, estimated from the plan and the sizes of what has been
 * recorded, and with all that it may write. An estimate that was too small costs an attempt that sends
 * nothing: it says what it needed, and the leaf begins again with as much.
 */
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../model/model-request.ts';
import type { Amounts } from '../../trace/amounts.ts';
import type { OutputAddress } from '../../trace/events.ts';
import { type Live, type RunState, settledAt } from '../../trace/run-state.ts';
import type { LeafTask } from '../../workflow/task.ts';
import type { LeafNode } from '../../workflow/workflow-spec.ts';
import { inputAddresses, itemAround } from '../leaf-request.ts';
import { taskWords } from '../task-words.ts';

export interface Draw {
  /** So much must be free. */
  readonly need: Amounts;
  /** How often it asks a model: not at all, once with tries, or as often as it likes. */
  readonly asks: 'nothing' | 'once' | 'often';
}

const BYTES_PER_TOKEN = 4;
/** Marks around inputs, and the words of roles. */
const AROUND_BYTES = 512;
/** More of one value never goes into a prompt. */
const MAX_VALUE_BYTES = 32_768;

/** What a ready leaf draws; costs what its inputs are, which may still change while it waits. */
export function drawOf(state: RunState, live: Live): Draw {
  const node = live.plan.node as LeafNode;
  const { short = {} } = live;
  const asks = asksOf(node.task);
  const steps = Math.max(1, short.steps ?? 0);
  if (asks === 'nothing') return { need: { costMicroUsd: 0, tokens: 0, steps }, asks };
  const output = node.modelPolicy.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const input = Math.ceil(promptBytes(state, live, node) / BYTES_PER_TOKEN);
  const tokens = Math.max(input + output, short.tokens ?? 0);
  // What a call costs is known where it is sent; here only that it is not for nothing.
  return { need: { costMicroUsd: Math.max(1, short.costMicroUsd ?? 0), tokens, steps }, asks };
}

function asksOf({ type }: LeafTask): Draw['asks'] {
  switch (type) {
    case 'model':
      return 'once';
    case 'agent':
    case 'external':
    case 'rlm':
      return 'often';
    case 'command':
    case 'search':
    case 'merge':
    case 'memory':
    case 'harvest':
      return 'nothing';
  }
}

function promptBytes(state: RunState, live: Live, node: LeafNode): number {
  const { plan, path } = live;
  const found = inputAddresses(state, plan, path);
  const inputs = 'inputs' in found ? Object.values(found.inputs) : [];
  const bytes = inputs.reduce((sum, input) => sum + addressBytes(state, input), 0);
  const item = taskWords(node.task).item ? jsonBytes(itemAround(state, plan, path)) : 0;
  return AROUND_BYTES + fixedBytes(state, node) + bytes + item;
}

function addressBytes(state: RunState, address: OutputAddress): number {
  if (address === null) return 0;
  if ('subtree' in address) return MAX_VALUE_BYTES;
  let bytes = 0;
  for (const path of 'list' in address ? address.list : [address.path]) {
    if (path === null) continue;
    const settled = settledAt(state, path);
    const isLeaf = settled?.plan.node.kind === 'leaf';
    bytes += isLeaf ? (settled.content?.bytes ?? 0) : MAX_VALUE_BYTES;
    if (bytes >= MAX_VALUE_BYTES) return MAX_VALUE_BYTES;
  }
  return bytes;
}

function fixedBytes({ started }: RunState, { task, output }: LeafNode): number {
  const words = taskWords(task);
  const params = words.params ? jsonBytes(started?.params) : 0;
  return words.bytes + jsonBytes(output) + params;
}

const jsonBytes = (value: unknown): number =>
  value === undefined ? 0 : Math.min(MAX_VALUE_BYTES, Buffer.byteLength(JSON.stringify(value)));
