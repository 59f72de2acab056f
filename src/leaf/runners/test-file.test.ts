import { expect, test } from 'vitest';
import { isTestFile } from './test-file.ts';

test.each([
  'a.test.ts',
  'src/a.spec.js',
  'pkg/slug_test.go',
  'test_slug.py',
  'deep/test_slug.py',
  'test/any.txt',
  'src/__tests__/a.js',
  'a/tests/data.json',
  'spec/a.rb',
])('%s is a test', (path) => expect(isTestFile(path)).toBe(true));

test.each([
  'src/a.ts',
  'testing.ts',
  'contest.js',
  'latest/a.ts',
  'test',
  'test_slug.ts',
  'a.test',
])('%s is none', (path) => expect(isTestFile(path)).toBe(false));
