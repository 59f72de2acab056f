/** Closing lines of runners for Ruby, PHP and Elixir, and of whoever says it plainly. */
import { byLine, type Counter, figuresIn } from './tally.ts';

const FIGURE_WORD = /(?<figure>\d+) (?<word>[a-z]+)/g;

const RSPEC =
  /^(?<total>\d+) examples?, (?<failed>\d+) failures?(?:, (?<pending>\d+) pending)?(?:, (?<errors>\d+) errors? occurred outside of examples)?$/;

const rspec = byLine('rspec', RSPEC, ({ groups = {} }) => {
  const failed = Number(groups['failed']);
  const skipped = Number(groups['pending'] ?? 0);
  const passed = Math.max(0, Number(groups['total']) - failed - skipped);
  return { passed, failed: failed + Number(groups['errors'] ?? 0), skipped };
});

const MINITEST = /^(?<all>\d+ (?:runs|tests), \d+ assertions, \d+ failures, \d+ errors.*)$/;

const minitest = byLine('minitest', MINITEST, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  const failed = of('failures', 'errors');
  const skipped = of('skips', 'pendings', 'omissions');
  return { passed: Math.max(0, of('runs', 'tests') - failed - skipped), failed, skipped };
});

const phpunitOk = byLine(
  'phpunit',
  /^OK \((?<total>\d+) tests?, \d+ assertions?\)$/,
  ({ groups }) => ({ passed: Number(groups?.['total']), failed: 0, skipped: 0 }),
);

const PHPUNIT = /^(?<all>Tests: \d+, Assertions: \d+.*)\.$/;

const phpunit = byLine('phpunit', PHPUNIT, ({ groups }) => {
  const pairs = (groups?.['all'] ?? '').matchAll(/(?<word>[A-Za-z]+): (?<figure>\d+)/g);
  const of = figuresIn(pairs);
  const failed = of('failures', 'errors');
  const skipped = of('skipped', 'incomplete');
  return { passed: Math.max(0, of('tests') - failed - skipped), failed, skipped };
});

const EXUNIT =
  /^(?:\d+ doctests?, )?(?<total>\d+) tests?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) skipped)?$/;

/** ExUnit and the readable form of bats. */
const exunit = byLine('exunit or bats', EXUNIT, ({ groups = {} }) => {
  const failed = Number(groups['failed']);
  const skipped = Number(groups['skipped'] ?? 0);
  return { passed: Math.max(0, Number(groups['total']) - failed - skipped), failed, skipped };
});

const PLAIN = /^(?<passed>\d+) passed, (?<failed>\d+) failed(?:, (?<skipped>\d+) skipped)?\.?$/;

const plain = byLine('closing line', PLAIN, ({ groups = {} }) => ({
  passed: Number(groups['passed']),
  failed: Number(groups['failed']),
  skipped: Number(groups['skipped'] ?? 0),
}));

export const scripted: readonly Counter[] = [rspec, minitest, phpunitOk, phpunit, exunit, plain];
