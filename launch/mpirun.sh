#!/usr/bin/env bash
# Starts a program on several ranks with the Open MPI flags that Espalier wants.
#
#   launch/mpirun.sh 4 build/espalier pretrain CONFIG --out RUN
#   launch/mpirun.sh 8 --hostfile hosts build/espalier pretrain CONFIG --out RUN     more flags of mpirun come first
#
# --bind-to none: a rank runs several threads, which binding to one core would stack up. --oversubscribe: more ranks
# than cores may be asked for; a scheduler's allocation is kept to. SIGUSR1 to this process reaches every rank at once:
# they write a checkpoint and leave with 75. After SIGTERM mpirun waits 10 s, then tells the ranks, then gives them 10 s.
set -euo pipefail
[ $# -ge 2 ] || { echo "use: launch/mpirun.sh RANKS [mpirun's flags] PROGRAM [arguments]" >&2; exit 2; }
ranks=$1
shift

flags=(-n "$ranks" --bind-to none --mca odls_base_sigkill_timeout 10)
[ -n "${SLURM_JOB_ID:-}" ] || flags+=(--oversubscribe)
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
exec mpirun "${flags[@]}" "$@"
