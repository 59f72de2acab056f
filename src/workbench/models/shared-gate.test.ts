import { expect, test } from 'vitest';
import type { MachineSlots } from '../../leaf/machine-slots.ts';
import { sharedGate } from './shared-gate.ts';

const ANSWERED = { type: 'answered' } as const;
const never = new AbortController().signal;

/** Writes down who comes and goes. */
function book() {
  const lines: string[] = [];
  const slots = (provider: string): MachineSlots => ({
    async enter(_signal, waiting) {
      lines.push(`place at ${provider}`);
      waiting();
      return () => void lines.push(`place of ${provider} free`);
    },
  });
  const gate = sharedGate(
    {
      async enter(provider) {
        lines.push(`let in at ${provider}`);
        return ({ type }) => {
          lines.push(type);
          return { type: 'resumed' };
        };
      },
    },
    slots,
  );
  return { lines, gate };
}

test('a call asks its own run first, then the machine, and gives both back with what it has learnt', async () => {
  const { lines, gate } = book();
  const leave = await gate.enter('lab', never, () => void lines.push('waits'));
  expect(leave(ANSWERED)).toEqual({ type: 'resumed' });
  expect(lines).toEqual([
    'let in at lab',
    'place at lab',
    'waits',
    'place of lab free',
    'answered',
  ]);
});

test('what was aborted takes no place of the machine', async () => {
  const { lines, gate } = book();
  const stop = new AbortController();
  stop.abort();
  (await gate.enter('lab', stop.signal, () => {}))({ type: 'failed' });
  expect(lines).toEqual(['let in at lab', 'failed']);
});
