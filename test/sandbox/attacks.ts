/**
 * What a hostile command would try, numbered as in docs/safety.md. A script runs in `leaf1` of the
 * world below with `src` writable; it prints ESCAPED, or leaves a mark that the world looks for.
 */
import type { World } from './world.ts';

export interface Attack {
  readonly row: number;
  readonly name: string;
  readonly script: (world: World) => string;
  /** Looks from outside whether it worked; without it, ESCAPED in the output says so. */
  readonly hasEscaped?: (world: World) => boolean | Promise<boolean>;
  /** Not tried without the sandbox, and why. */
  readonly uncontrolled?: string;
  /** Works without the sandbox only for root. */
  readonly needsRoot?: true;
}

const perl = (program: string): string => `perl -MSocket -MErrno -e '${program}'`;
const escaped = '&& echo ESCAPED';

/** A call of the kernel by its x64 number; refused means EPERM or ENOSYS, whatever the arguments. */
const call = (number: number, ...words: readonly (number | string)[]): string =>
  perl(
    `my $b = "\\0" x 256; my $r = syscall(${[number, ...words].join(', ')}); print "ESCAPED\\n" if $r != -1 || ($! != 1 && $! != 38)`,
  );

const socket = (family: number, type: number): string =>
  perl(`print "ESCAPED\\n" if socket(my $s, ${family}, ${type}, 0) || ($! != 1)`);

export const ATTACKS: readonly Attack[] = [
  {
    row: 1,
    name: 'write into another tree and into the repository',
    script: ({ base }) =>
      `echo x > ${base}/leaf2/planted; echo x > ${base}/main/planted; echo x > ../leaf2/planted`,
    hasEscaped: (world) => world.exists('leaf2/planted') || world.exists('main/planted'),
  },
  {
    row: 2,
    name: 'write through a link that leads out',
    script: ({ base }) => `ln -s ${base}/outside.txt src/link; echo pwned > src/link`,
    hasEscaped: (world) => world.read('outside.txt').includes('pwned'),
  },
  {
    row: 3,
    name: 'write through a new hard link',
    script: ({ base }) => `ln ${base}/outside.txt src/hard && echo pwned > src/hard`,
    hasEscaped: (world) => world.read('outside.txt').includes('pwned'),
  },
  {
    row: 5,
    name: 'plant a hook',
    script: ({ base }) => `echo x > ${base}/main/.git/hooks/pre-commit ${escaped}`,
  },
  {
    row: 6,
    name: 'change the config of the repository',
    script: ({ base }) =>
      `git config core.fsmonitor /tmp/evil ${escaped}; echo "[core]" >> ${base}/main/.git/config ${escaped}`,
  },
  {
    row: 7,
    name: 'point the tree at a repository of its own',
    script: () => `echo "gitdir: /tmp/evil" > .git ${escaped}`,
  },
  {
    row: 8,
    name: 'rewrite what links the tree to its repository',
    script: ({ base }) => `echo /tmp > ${base}/main/.git/worktrees/leaf1/commondir ${escaped}`,
  },
  { row: 9, name: 'move .git away', script: () => `mv .git src/.old-git ${escaped}` },
  {
    row: 10,
    name: 'write in the tree outside of its scope',
    script: () => `echo x > README.md ${escaped}; echo x > new-file ${escaped}`,
  },
  {
    row: 11,
    name: 'read keys of the home and of the system',
    script: ({ base }) =>
      `cat ${base}/home/.ssh/id ${escaped}; head -c 1 /etc/shadow ${escaped}; true`,
  },
  {
    row: 12,
    name: 'read another tree',
    script: ({ base }) => `cat ${base}/leaf2/README.md ${escaped}`,
  },
  {
    row: 13,
    name: 'find secrets in environments',
    script: ({ canary }) =>
      `cat /proc/[0-9]*/environ 2>/dev/null | tr "\\\\0" "\\\\n" | grep -q "^WF_CANARY=${canary}" ${escaped}`,
  },
  {
    row: 14,
    name: 'see and signal processes of the machine',
    script: ({ hostPid }) => `kill -0 ${hostPid} ${escaped}`,
  },
  {
    row: 15,
    name: 'reach a server on loopback',
    script: ({ tcpPort }) =>
      perl(
        `socket(my $s, 2, 1, 0); print "ESCAPED\\n" if connect($s, pack_sockaddr_in(${tcpPort}, inet_aton("127.0.0.1")))`,
      ),
  },
  {
    row: 16,
    name: 'send a datagram to loopback',
    script: ({ udpPort }) =>
      perl(
        `socket(my $s, 2, 2, 0); send($s, "x", 0, pack_sockaddr_in(${udpPort}, inet_aton("127.0.0.1")))`,
      ),
    hasEscaped: (world) => world.hasDatagram(),
  },
  {
    row: 17,
    name: 'talk to a server’s socket file',
    script: () =>
      perl(
        'socket(my $s, 1, 1, 0); print "ESCAPED\\n" if connect($s, pack_sockaddr_un("src/server.sock"))',
      ),
  },
  {
    row: 18,
    name: 'talk to an abstract socket',
    script: ({ abstractName }) =>
      perl(
        `socket(my $s, 1, 1, 0); print "ESCAPED\\n" if connect($s, pack("Sa*", 1, "\\0${abstractName}"))`,
      ),
  },
  {
    row: 19,
    name: 'open sockets that no network namespace confines',
    script: () => [socket(40, 1), socket(17, 3), socket(38, 5)].join('; '),
  },
  {
    row: 20,
    name: 'reopen its output as a file of the machine',
    script: () =>
      `case "$(readlink /proc/self/fd/1)" in pipe:*|socket:*) ;; *) echo ESCAPED;; esac`,
    uncontrolled: 'no run ever gets a file as its output',
  },
  {
    row: 21,
    name: 'use a folder that leaked in as an open file',
    script: () => `cat /proc/self/fd/7/.ssh/id ${escaped}`,
  },
  {
    row: 22,
    name: 'mount',
    script: () => `mount -t tmpfs none /tmp ${escaped}; mount -o remount,rw,bind / ${escaped}`,
    uncontrolled: 'it would change the machine',
  },
  {
    row: 23,
    name: 'nest a user namespace',
    script: () => `unshare -Ur true ${escaped}`,
  },
  {
    row: 24,
    name: 'write settings of the kernel',
    script: () =>
      `cp /proc/sys/kernel/core_pattern /tmp/wf-pattern && cat /tmp/wf-pattern > /proc/sys/kernel/core_pattern ${escaped}`,
    needsRoot: true,
  },
  {
    row: 25,
    name: 'io_uring, ptrace, keyctl, bpf',
    script: () =>
      [
        call(425, 4, '$b'),
        call(101, 0, 0, 0, 0),
        call(250, 0, -3, 0),
        call(321, 0, '$b', 128),
      ].join('; '),
  },
  {
    row: 26,
    name: 'fork without end',
    script: () =>
      `timeout 20 ${perl(
        '$SIG{CHLD} = "IGNORE"; my $n = 0; while ($n < 700) { my $p = fork(); last unless defined $p; if ($p == 0) { sleep 3; exit } $n++ } print "ESCAPED\\n" if $n >= 600',
      )}`,
  },
  {
    row: 28,
    name: 'leave a daemon behind',
    script: () =>
      `setsid nohup sh -c 'n=0; while [ $n -lt 200 ]; do n=$((n + 1)); echo $n > src/beat; sleep 0.02; done' > /dev/null 2>&1 & while [ ! -s src/beat ]; do sleep 0.01; done`,
    hasEscaped: (world) => world.isBeating('leaf1/src/beat'),
  },
  {
    row: 29,
    name: 'fill the disk',
    script: () =>
      `truncate -s 3G src/big ${escaped}; rm -f src/big; head -c 80000000 /dev/zero > /tmp/wf-fill ${escaped}; rm -f /tmp/wf-fill`,
  },
  {
    row: 29,
    name: 'fill the memory by folders that have no bound',
    script: () =>
      `for at in / /dev /dev/shm /etc; do head -c 80000000 /dev/zero > $at/wf-fill ${escaped}; rm -f $at/wf-fill; done; true`,
    uncontrolled: 'without the sandbox these are folders of the machine',
  },
  {
    row: 30,
    name: 'take all memory',
    script: () => perl('my $x = "x" x (600 * 1024 * 1024); print "ESCAPED\\n"'),
  },
  {
    row: 31,
    name: 'gain rights by a setuid program',
    script: () => `grep -q "NoNewPrivs:.*0" /proc/self/status ${escaped}`,
  },
  {
    row: 32,
    name: 'make and read a block device',
    script: () =>
      `mknod src/disk b 7 0 && echo ESCAPED; for disk in /dev/vd* /dev/sd* /dev/nvme* /dev/loop0; do [ -e "$disk" ] && head -c 1 "$disk" ${escaped}; done; true`,
    needsRoot: true,
  },
  {
    row: 40,
    name: 'type into the terminal',
    script: () =>
      perl(
        'for my $r (0x5412, 0x541c) { my $b = "x"; ioctl(STDOUT, $r, $b); print "ESCAPED\\n" if $! != 1 }',
      ),
  },
];
