#!/usr/bin/env bash
# The Slurm template, with mpirun and scontrol replaced: the signal reaches the ranks, 75 queues the job again, and
# every other exit code does not.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

# Ranks that end by themselves with $RANKS_END, and with 75 a second after USR1.
cat >"$folder/mpirun" <<'STUB'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$FOLDER/mpirun.log"
trap 'sleep 1; exit 75' USR1
echo ready >>"$FOLDER/ready"
[ "$RANKS_END" = never ] || exit "$RANKS_END"
for _ in $(seq 100); do sleep 0.1; done
exit 9
STUB
cat >"$folder/scontrol" <<'STUB'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$FOLDER/scontrol.log"
STUB
chmod +x "$folder/mpirun" "$folder/scontrol"
export FOLDER=$folder PATH=$folder:$PATH SLURM_JOB_ID=17 SLURM_NTASKS=6 SLURM_SUBMIT_DIR=$root

RANKS_END=never bash "$root/launch/slurm.sbatch" config.yaml "a run" optim.lr=0.3 &
job=$!
until [ -e "$folder/ready" ]; do sleep 0.05; done
kill -USR1 "$job"
code=0
wait "$job" || code=$?
[ "$code" -eq 75 ] || fail "a job that was told to stop ended with $code instead of 75"
[ "$(cat "$folder/scontrol.log")" = "requeue 17" ] || fail "the job was not queued again"
grep -q -- "^-n 6 .* build/espalier pretrain config.yaml --out a run --resume optim.lr=0.3$" "$folder/mpirun.log" ||
  fail "the ranks were started as: $(cat "$folder/mpirun.log")"
if grep -q oversubscribe "$folder/mpirun.log"; then fail "the allocation is not kept to"; fi

for end in 0 2 137; do
  rm -f "$folder/scontrol.log"
  code=0
  RANKS_END=$end bash "$root/launch/slurm.sbatch" config.yaml run || code=$?
  [ "$code" -eq "$end" ] || fail "ranks ended with $end, the job with $code"
  [ ! -e "$folder/scontrol.log" ] || fail "exit code $end queued the job again"
done
echo "passed: slurm_test.sh"
