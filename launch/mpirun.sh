#!/usr/bin/env bash
# Starts a program on several ranks with the Open MPI flags that Espalier wants.
#
#   launch/mpirun.sh 4 build/espalier pretrain CONFIG --out RUN
#   launch/mpirun.sh 8 --hostfile hosts build/espalier pretrain CONFIG --out RUN     more flags of mpirun come first
#
# --bind-to none: a rank runs several threads, which binding to one core would stack up. --oversubscribe: more ranks
# than cores may be asked for; a scheduler's allocation is kept to.
#
# A request to stop (TERM, HUP, USR1, the first Ctrl-C) reaches every rank at once, as SIGUSR1: they write a checkpoint
# and leave, and this script with them, with 75. A second Ctrl-C ends all ranks now, with 130. An mpirun that is still
# there half a minute after the ranks of this machine have ended (a network that was cut) is ended too, with 5.
set -euo pipefail
[ $# -ge 2 ] || { echo "use: launch/mpirun.sh RANKS [mpirun's flags] PROGRAM [arguments]" >&2; exit 2; }
ranks=$1
shift

flags=(-n "$ranks" --bind-to none)
[ -n "${SLURM_JOB_ID:-}" ] || flags+=(--oversubscribe)
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

asked=0       # to stop
interrupts=0  # presses of Ctrl-C
trap 'asked=1' TERM HUP USR1
trap 'asked=1; interrupts=$((interrupts + 1))' INT

# A session of its own: Ctrl-C then reaches this script alone, which turns it into what the ranks understand.
setsid mpirun "${flags[@]}" "$@" </dev/null &
mpirun=$!

is_running() { kill -0 "$mpirun" 2>/dev/null; }

# Whether ranks run on this machine: processes that mpirun started and numbered.
has_ranks() {
  local child
  for child in $(cat /proc/"$mpirun"/task/*/children 2>/dev/null); do
    if grep -qz '^OMPI_COMM_WORLD_RANK=' "/proc/$child/environ" 2>/dev/null; then return 0; fi
  done
  return 1
}

# Ends mpirun and, because it is told first, its ranks; one that does not listen is killed, and its ranks see that.
end_now() {
  kill -TERM "$mpirun" 2>/dev/null || true
  for _ in $(seq 50); do is_running || return 0; sleep 0.2; done
  kill -KILL "$mpirun" 2>/dev/null || true
}

seen=0 turn=0 gone_since=$SECONDS
while is_running; do
  if [ "$interrupts" -ge 2 ]; then
    echo "mpirun.sh: ended at once; what was not saved is lost" >&2
    end_now
    exit 130
  fi
  # Told again every second: a rank that is only being started cannot hear yet.
  if [ "$asked" -eq 1 ] && [ $((turn % 5)) -eq 0 ]; then kill -USR1 "$mpirun" 2>/dev/null || true; fi
  if [ $((turn % 25)) -eq 0 ]; then
    if has_ranks; then
      seen=1 gone_since=$SECONDS
    elif [ "$seen" -eq 1 ] && [ $((SECONDS - gone_since)) -ge 30 ]; then
      echo "mpirun.sh: the ranks of this machine have ended, mpirun has not: it is ended" >&2
      end_now
      exit 5
    fi
  fi
  turn=$((turn + 1))
  sleep 0.2 || true
done
code=0
wait "$mpirun" || code=$?
# A rank that a request met before it could listen had nothing to save.
if [ "$asked" -eq 1 ] && [ "$code" -eq $((128 + $(kill -l USR1))) ]; then code=75; fi
exit "$code"
