import { type MockRule, mockRuleFor } from '../model/mock-rule.ts';
import type { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';

const PREFIX = 'mock:';

/** Rules of a mocked run’s fixture that answered no attempt; none for any other run. */
export async function unusedRules(store: TraceStore, view: RunView): Promise<readonly MockRule[]> {
  const wiring = view.state.started?.config.wiring ?? '';
  const data = wiring.startsWith(PREFIX) ? store.blob(wiring.slice(PREFIX.length)) : undefined;
  if (data === undefined) return [];
  const { parseMockFixture } = await import('../model/mock/mock-fixture.ts');
  const parsed = parseMockFixture(new TextDecoder().decode(data), 'fixture');
  if (!('fixture' in parsed)) return [];
  const used = new Set<MockRule | undefined>();
  for (const { path, attempt } of view.allAttempts().flatMap(([, attempts]) => attempts)) {
    used.add(mockRuleFor(parsed.fixture, { path, attempt }));
  }
  return parsed.fixture.rules.filter((rule) => !used.has(rule));
}
