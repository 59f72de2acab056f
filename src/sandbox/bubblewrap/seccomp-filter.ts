/**
 * The system calls that a confined process may not make, as a classic BPF program (`struct
 * sock_filter[]`, see seccomp(2) and linux/filter.h). It denies what namespaces alone leave open: other
 * kernels’ doors (io_uring, bpf, keyctl, userfaultfd), nested namespaces and mounts, tracing, sockets
 * that no network namespace confines, and typing into the terminal. What is denied gets EPERM, so that
 * programs fall back; `clone3` gets ENOSYS, since its flags stand in memory that a filter can’t read.
 */

export type Machine = 'x64' | 'arm64';

const AUDIT_ARCH: Readonly<Record<Machine, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** Calls of the x32 ABI carry this bit; they would slip past the numbers below. */
const X32_BIT = 0x40000000;

/** Numbers in [x64, arm64]; from 424 on all machines share theirs. */
const DENIED: Readonly<Record<string, readonly [x64: number, arm64: number]>> = {
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vhangup: [153, 58],
};
const CLONE: readonly [number, number] = [56, 220];
const CLONE3: readonly [number, number] = [435, 435];
const IOCTL: readonly [number, number] = [16, 29];
const SOCKET: readonly [number, number] = [41, 198];

const CLONE_NEWUSER = 0x10000000;
/** Put characters into the terminal’s input (ioctl_tty(2)). */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** IPv4 and IPv6 are confined by the network namespace, route sockets only read; the rest is refused. */
const SOCKET_FAMILIES = { inet: 2, inet6: 10, netlink: 16 } as const;

const EPERM = 1;
const ENOSYS = 38;
const RETURN_ALLOW = 0x7fff0000;
const RETURN_KILL = 0x80000000;
const RETURN_ERRNO = 0x00050000;

/** Offsets in `struct seccomp_data`; of arguments the low word (both machines are little-endian). */
const AT = { number: 0, arch: 4, first: 16, second: 24 } as const;

const LOAD = 0x20;
const RETURN = 0x06;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** 8 bytes an instruction, little-endian, as `bwrap --seccomp` reads it. */
export function seccompFilter(machine: Machine): Uint8Array<ArrayBuffer> {
  const program = instructions(machine);
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, ifTrue, ifFalse, k], index) => {
    const at = index * 8;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, k, true);
  });
  return bytes;
}

function instructions(machine: Machine): readonly Instruction[] {
  const of = ([x64, arm64]: readonly [number, number]): number => (machine === 'x64' ? x64 : arm64);
  return [
    load(AT.arch),
    [JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]],
    answer(RETURN_KILL),
    load(AT.number),
    ...(machine === 'x64' ? refuse([JUMP_GREATER_OR_EQUAL, 0, 1, X32_BIT]) : []),
    ...Object.values(DENIED).flatMap((call) => refuse([JUMP_EQUAL, 0, 1, of(call)])),
    [JUMP_EQUAL, 0, 1, of(CLONE3)],
    answer(RETURN_ERRNO | ENOSYS),
    ...onCall(of(CLONE), [load(AT.first), ...refuse([JUMP_ANY_BIT, 0, 1, CLONE_NEWUSER])]),
    ...onCall(of(IOCTL), [
      load(AT.second),
      ...refuse([JUMP_EQUAL, 0, 1, TIOCSTI]),
      ...refuse([JUMP_EQUAL, 0, 1, TIOCLINUX]),
    ]),
    ...onCall(of(SOCKET), [
      load(AT.first),
      ...Object.values(SOCKET_FAMILIES).flatMap((family): readonly Instruction[] => [
        [JUMP_EQUAL, 0, 1, family],
        answer(RETURN_ALLOW),
      ]),
      answer(RETURN_ERRNO | EPERM),
    ]),
    answer(RETURN_ALLOW),
  ];
}

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const answer = (verdict: number): Instruction => [RETURN, 0, 0, verdict];

/** EPERM where the test holds; `test` jumps over one instruction where it doesn’t. */
function refuse(test: Instruction): readonly Instruction[] {
  return [test, answer(RETURN_ERRNO | EPERM)];
}

/** Instructions for one call only; they may spoil the accumulator, since they end in a verdict. */
function onCall(number: number, body: readonly Instruction[]): readonly Instruction[] {
  const whole = [...body, answer(RETURN_ALLOW)];
  return [[JUMP_EQUAL, 0, whole.length, number], ...whole];
}
