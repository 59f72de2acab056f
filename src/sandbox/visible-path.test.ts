import { expect, test } from 'vitest';
import { visiblePath } from './visible-path.ts';

const folders = ['/usr', '/bin', '/home/ada/.node'];

test.each([
  ['/home/ada/bin:/home/ada/.node/bin:/usr/bin:/bin', '/home/ada/.node/bin:/usr/bin:/bin'],
  ['/usr/bin:/usr/bin:/usr/local/bin', '/usr/bin:/usr/local/bin'],
  ['/usrs/bin:/home/ada/.nodes:bin:.::/bin', '/bin'],
  ['/home/ada/bin', '/usr/local/bin:/usr/bin:/bin'],
  ['', '/usr/local/bin:/usr/bin:/bin'],
])('of %j is seen %j', (path, seen) => {
  expect(visiblePath(path, folders)).toBe(seen);
});
