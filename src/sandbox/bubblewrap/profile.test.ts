import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, type Profile, profileDigest } from './profile.ts';
import { seccompFilter } from './seccomp-filter.ts';

const profile: Profile = {
  readable: ['/opt/node'],
  system: { links: [['usr/bin', '/bin']], folders: ['/usr'], files: ['/etc/hosts'] },
  limits: DEFAULT_LIMITS,
  isRoot: false,
  canDisableUserNamespaces: true,
};
const filter = seccompFilter('x64');
const digest = profileDigest(profile, filter);

test('equal walls have one digest', () => {
  expect(profileDigest({ ...profile, readable: ['/opt/node'] }, seccompFilter('x64'))).toBe(digest);
});

test.each<readonly [string, Profile, Uint8Array]>([
  ['more that can be read', { ...profile, readable: ['/opt/node', '/opt/go'] }, filter],
  ['another limit', { ...profile, limits: { ...DEFAULT_LIMITS, processes: 513 } }, filter],
  ['no limit of namespaces', { ...profile, canDisableUserNamespaces: false }, filter],
  ['another filter', profile, seccompFilter('arm64')],
])('%s is another one', (_name, other, bytes) => {
  expect(profileDigest(other, bytes)).not.toBe(digest);
});
