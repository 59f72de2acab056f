/**
 * Variables of git in the environment of who starts us, as in a hook, or as somebody has planted them: they
 * lead no git of ours elsewhere and start nothing, from the run to the commit and back.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from './shell.ts';

test('they lead no git of ours elsewhere, and name no program that is started', () => {
  using shell = openShell({ 'a.txt': 'zero\n' });
  const folder = join(shell.root, '..');
  const marker = join(folder, 'planted-ran');
  const program = join(folder, 'planted');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >>${marker}\nexit 0\n`);
  chmodSync(program, 0o755);
  for (const name of ['hooks', 'exec']) {
    mkdirSync(join(folder, name));
    for (const hook of [
      'post-checkout',
      'reference-transaction',
      'post-index-change',
      'git-diff',
    ]) {
      writeFileSync(join(folder, name, hook), `#!/bin/sh\necho ${hook} >>${marker}\n`);
      chmodSync(join(folder, name, hook), 0o755);
    }
  }
  const elsewhere = join(folder, 'elsewhere');
  shell.git('init', '--quiet', elsewhere);
  shell.git('config', 'user.name', 'Ada');
  shell.git('config', 'user.email', 'ada@example.com');
  const task = { type: 'command', purpose: 'shell', argv: ['sh', '-c', 'echo one >a.txt'] };
  const nodes = [{ kind: 'leaf', id: 'edit', mode: 'read_write', task }];
  shell.write('w.json', JSON.stringify({ id: 'w', goal: 'Mend a', nodes }));
  shell.git('add', 'w.json');
  shell.git('commit', '--quiet', '--message=the workflow');
  const config = [
    ['core.fsmonitor', program],
    ['core.hooksPath', join(folder, 'hooks')],
    ['diff.external', program],
    ['core.pager', program],
    ['core.editor', program],
    ['core.sshCommand', program],
    ['credential.helper', program],
    ['gpg.program', program],
    ['filter.lfs.process', program],
    ['core.attributesFile', join(folder, 'attributes')],
  ];
  writeFileSync(join(folder, 'attributes'), '* filter=lfs diff=planted\n');
  Object.assign(shell.env, {
    GIT_DIR: join(elsewhere, '.git'),
    GIT_WORK_TREE: elsewhere,
    GIT_COMMON_DIR: join(elsewhere, '.git'),
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_OBJECT_DIRECTORY: join(elsewhere, '.git/objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(elsewhere, '.git/objects'),
    GIT_NAMESPACE: 'planted',
    GIT_CEILING_DIRECTORIES: folder,
    GIT_EXTERNAL_DIFF: program,
    GIT_PAGER: program,
    GIT_EDITOR: program,
    GIT_SSH_COMMAND: program,
    GIT_ASKPASS: program,
    GIT_PROXY_COMMAND: program,
    GIT_EXEC_PATH: join(folder, 'exec'),
    GIT_TEMPLATE_DIR: folder,
    GIT_TRACE: marker,
    GIT_TRACE2_EVENT: marker,
    GIT_CONFIG_GLOBAL: join(folder, 'global'),
    GIT_CONFIG_COUNT: `${config.length}`,
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  });
  writeFileSync(join(folder, 'global'), `[core]\n\tfsmonitor = ${program}\n`);
  const planted = { ...shell.env };
  const says = (...words: string[]): string => {
    const said = shell.whaleflow(...words);
    expect([words, said.exit, said.err]).toEqual([words, 0, said.err]);
    return said.out;
  };
  const before = shell.fingerprint();
  says('run', 'w.json', '--yes', '--allow', '*');
  expect(shell.fingerprint()).toBe(before);
  expect(says('diff', '@last')).toContain('+one');
  says('apply', '@last', '--check');
  says('apply', '@last', '--commit');
  expect(shell.fingerprint()).not.toBe(before);
  says('undo');
  expect(shell.fingerprint()).toBe(before);
  says('apply', '@last');
  says('undo');
  shell.whaleflow('doctor');
  expect(existsSync(marker) ? readFileSync(marker, 'utf8').slice(0, 2_000) : '').toBe('');
  // They would have been believed: a plain git goes elsewhere, and says so.
  shell.env['GIT_EXEC_PATH'] = undefined;
  expect(shell.git('rev-parse', '--git-dir').trim()).toBe(planted['GIT_DIR']);
  expect(existsSync(marker)).toBe(true);
});
