import type { Clock, Timers } from '../clock.ts';

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

export const nodeTimers: Timers = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  nextTurn(action) {
    setImmediate(action);
  },
};
