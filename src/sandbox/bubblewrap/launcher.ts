/**
 * The program between us and bubblewrap. It closes every file that was inherited (a leaked folder
 * would be a way out), joins the process-count group, hands over the filter, and on SIGTERM passes the
 * signal to what runs *inside*: bubblewrap itself would die of it and take everything along at once.
 * (Its own words about jobs that end go nowhere; so the program’s stderr is set aside first.)
 * `setpriv` ties its life to ours, bubblewrap ties its own to the launcher’s.
 */
const SCRIPT = `
for open in /proc/self/fd/*; do
  number=\${open##*/}
  if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
done
if [ -n "$1" ] && ! echo "$$" > "$1/cgroup.procs"; then exit 125; fi
exec 3< "$2"
shift 2
exec 4>&2 2> /dev/null
set -m
bwrap --seccomp 3 "$@" <&0 2>&4 4>&- &
inner=$!
exec 3<&- 4>&-
end() {
  asked=1
  read -r children < "/proc/$inner/task/$inner/children"
  for child in $children; do kill -TERM -- "-$child"; done
}
trap end TERM
while :; do
  wait "$inner"
  status=$?
  kill -0 "$inner" 2>/dev/null || break
done
if [ -n "$asked" ] && [ "$status" -gt 128 ]; then
  trap - TERM
  kill -TERM "$$"
fi
exit "$status"
`;

export interface LaunchParts {
  /** A file with the filter. */
  readonly filterFile: string;
  /** A pids control group, or undefined where there is none. */
  readonly group: string | undefined;
}

/** The whole command line: `setpriv … bash -p -c SCRIPT … BUBBLEWRAP-ARGUMENTS`. */
export function launchArgv(
  { filterFile, group }: LaunchParts,
  bubblewrap: readonly string[],
): readonly string[] {
  const launcher = ['bash', '-p', '-c', SCRIPT, 'whaleflow-sandbox', group ?? '', filterFile];
  return ['setpriv', '--pdeathsig', 'KILL', ...launcher, ...bubblewrap];
}
