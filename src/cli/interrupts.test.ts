/** What keys and signals mean while a run is shown: nothing destroys by one key. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Host, SignalName } from './host.ts';
import { splitKeys } from './host.ts';
import { type InterruptsRequest, interrupts, type Wish } from './interrupts.ts';

function scene(parts: Partial<InterruptsRequest> = {}): {
  readonly wishes: string[];
  press(keys: string): void;
  signal(name: SignalName): void;
  pass(ms: number): void;
  footer(columns?: number): string;
} {
  const wishes: string[] = [];
  let key: (text: string) => void = () => {};
  let time = 0;
  const signals = new Map<string, () => void>();
  const host = {
    keys(listener: (text: string) => void) {
      key = listener;
      return { [Symbol.dispose]() {} };
    },
    onSignal(name: SignalName, listener: () => void) {
      signals.set(name, listener);
      return { [Symbol.dispose]() {} };
    },
  } satisfies Partial<Host>;
  const opened = interrupts(host as unknown as Host, {
    isInteractive: true,
    isReader: false,
    isDriver: false,
    now: () => time,
    onWish: (wish: Wish) => void wishes.push(`${wish.do} ${wish.exit}`),
    ...parts,
  });
  return {
    wishes,
    press(keys) {
      for (const one of splitKeys(keys)) key(one);
    },
    signal: (name) => signals.get(name)?.(),
    pass(ms) {
      time += ms;
      opened.tick();
    },
    footer: (columns = 80) => opened.footer(columns),
  };
}

describe('with a person', () => {
  test('Ctrl-C asks, and without an answer detaches after five seconds', () => {
    const { wishes, press, pass, footer } = scene();
    press('\x03');
    expect(footer()).toContain('[d]etach  [c]ancel  [Enter] stay');
    pass(4_000);
    expect(wishes).toEqual([]);
    pass(1_500);
    expect(wishes).toEqual(['detach 0']);
  });

  test.each([
    ['\x03\x03', ['detach 0']],
    ['\x03d', ['detach 0']],
    ['\x03c', ['cancel 130']],
    ['\x03\r', []],
    ['q', ['detach 0']],
    ['c', []],
    ['\x03c\x03', ['cancel 130', 'kill 130']],
  ])('%j means %j', (keys, wanted) => {
    const { wishes, press } = scene();
    press(keys);
    expect(wishes).toEqual(wanted);
  });

  test('no keys without Ctrl-C change the run', () => {
    const key = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\x03'));
    fc.assert(
      fc.property(key, (keys) => {
        const { wishes, press, pass } = scene();
        press(keys);
        pass(60_000);
        expect(wishes.every((wish) => wish === 'detach 0')).toBe(true);
      }),
    );
  });
});

describe('with a person, and the driver in this process', () => {
  test.each([
    ['\x03s', ['stop 130']],
    ['\x03c', ['cancel 130']],
    ['\x03\x03', ['stop 130']],
    ['\x03\x03\x03', ['stop 130', 'kill 130']],
    ['\x03\r', []],
    ['qds', []],
  ])('%j means %j', (keys, wanted) => {
    const { wishes, press } = scene({ isDriver: true });
    press(keys);
    expect(wishes).toEqual(wanted);
  });

  test('an unanswered question leaves the run running', () => {
    const { wishes, press, pass } = scene({ isDriver: true });
    press('\x03');
    pass(6_000);
    expect(wishes).toEqual([]);
  });
});

describe('without a person', () => {
  test('the first SIGINT cancels, the second kills', () => {
    const { wishes, signal } = scene({ isInteractive: false });
    signal('SIGINT');
    signal('SIGINT');
    expect(wishes).toEqual(['cancel 130', 'kill 130']);
  });

  test.each<[SignalName, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ])(
    'a run that is driven here is stopped by the first %s and killed by the second',
    (name, exit) => {
      const { wishes, signal } = scene({ isInteractive: false, isDriver: true });
      signal(name);
      signal(name);
      expect(wishes).toEqual([`stop ${exit}`, `kill ${exit}`]);
    },
  );

  test('a reader only stops looking', () => {
    const { wishes, signal } = scene({ isInteractive: false, isReader: true });
    signal('SIGTERM');
    expect(wishes).toEqual(['detach 143']);
  });

  test('a closed terminal leaves the run running', () => {
    const { wishes, signal } = scene({ isInteractive: false });
    signal('SIGHUP');
    expect(wishes).toEqual(['detach 143']);
  });
});

test('what the keys do can be read down to 40 columns', () => {
  for (const isDriver of [false, true]) {
    const { press, footer } = scene({ isDriver });
    const seen = [footer(40)];
    press('\x03');
    seen.push(footer(40));
    press('c');
    seen.push(footer(40));
    for (const text of seen) expect(text.length).toBeLessThanOrEqual(38);
    expect(seen[1]).toMatch(/\[c\]ancel {2}\[Enter\] (?:stay|go on)$/);
  }
});
