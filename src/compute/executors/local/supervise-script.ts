/**
 * The supervisor of one attempt: POSIX shell, since a shell costs about a millisecond where a Node process costs forty. It is handed to
 * `sh -c` as text, so that it needs no file that an unprivileged user could not read, and an upgrade can't change it under
 * a running attempt.
 *
 * Arguments: 1 its own folder, 2 whom to signal (-1: everything of this user id, 0: this process group), 3 time limit in
 * seconds, 4 grace in seconds, 5 largest file in blocks of 512 bytes, 6 CPU seconds of a process, 7 data segment in KiB
 * or `unlimited`, 8 processes and threads of this user id, 9 the sleep program, then the command.
 *
 * - `claim` is made exclusively (noclobber) before anything else: of two supervisors for one attempt one gives up.
 * - Each record ends in `end`, so that a torn one is not believed; the first writer of `exit` and `reason` wins.
 * - ulimit -u is spelt -p in dash and busybox. A limit that is refused was already lower.
 * - [ -O / ] asks whether we are root: then -1 would reach everyone.
 * - Supervisor, timer and its sleep ignore what a job may send to its own group, such as `kill 0` at the end of a script.
 *   If the job kills this shell, the timer still ends everything; if it kills the timer's sleep, that ends everything.
 * - The command starts once the timer says by SIGUSR1 that its sleep runs: a command that takes all processes it may have
 *   would leave none for that. Where none is left for the grace either, the EXIT trap kills at once. The command runs within
 *   the trap: one that only noted the signal could do so between the look at the note and the wait.
 * - At the end the timer is told by SIGUSR1 to reap its sleep, and is reaped: an orphan would stay a zombie in a container
 *   whose first process reaps nobody, two for each attempt.
 */
export const superviseScript = String.raw`
own=$1 target=$2 limit=$3 grace=$4 blocks=$5 cpu=$6 data=$7 tasks=$8 sleep=$9
shift 9
if [ "$target" = -1 ] && [ -O / ]; then exit 70; fi
umask 077
set -C
boot=- born=-
{ read -r boot < /proc/sys/kernel/random/boot_id; read -r born < /proc/$$/stat; } 2>/dev/null
{ printf '%s\n' "$$" "$boot" "$born" end > "$own/claim"; } 2>/dev/null || exit 71
ulimit -c 0 2>/dev/null
ulimit -f "$blocks" 2>/dev/null
ulimit -t "$cpu" 2>/dev/null
ulimit -d "$data" 2>/dev/null
ulimit -u "$tasks" 2>/dev/null || ulimit -p "$tasks" 2>/dev/null
signals='HUP INT QUIT TERM USR2 ALRM'
run() {
  timer=$!
  trap '' USR1
  (trap - $signals USR1; exec "$@")
  code=$?
  exec 2> /dev/null
  { echo "$code"; times; echo end; } > "$own/exit"
  kill -s USR1 "$timer"
  wait "$timer"
  kill -s KILL -- "$target"
  exit 0
}
doze() { until wait "$napping"; do kill -s 0 "$napping" || return 1; done; }
trap '' $signals
trap 'run "$@"' USR1
(
  trap '' USR1
  "$sleep" "$limit" & napping=$!
  trap '[ -e "$own/exit" ] && { trap - EXIT; kill -s KILL "$napping"; wait; exit; }' USR1
  kill -s USR1 $$
  doze && printf '%s\n' time-limit end > "$own/reason"
  trap 'printf "%s\n" 137 - - end > "$own/exit"; kill -s KILL -- "$target"' EXIT
  kill -s TERM -- "$target"
  "$sleep" "$grace" & napping=$!
  doze
) > /dev/null 2>&1 &
wait $!
exit 72
`

/** Signals everything of the user id it runs as, but itself: one system call, which no fork can slip through. */
export const signalUserScript = `[ -O / ] || kill -s "$1" -- -1`
