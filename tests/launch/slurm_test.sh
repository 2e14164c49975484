#!/usr/bin/env bash
# The Slurm template, with mpirun and scontrol replaced: the signal reaches the ranks, 75 queues the job again, and
# every other exit code does not. Nothing goes on for ever.
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
export FOLDER=$folder PATH=$folder:$PATH SLURM_JOB_ID=17 SLURM_NTASKS=6 SLURM_SUBMIT_DIR=$folder/submit

# The template works in the folder that it was submitted from.
mkdir "$folder/submit"
ln -s "$root/launch" "$folder/submit/launch"
cd "$folder/submit"
job() { timeout 60 bash launch/slurm.sbatch "$@"; }

RANKS_END=never bash launch/slurm.sbatch config.yaml "a run" optim.lr=0.3 &
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

for end in 0 2 137 138; do
  rm -f "$folder/scontrol.log"
  code=0
  RANKS_END=$end job config.yaml run || code=$?
  [ "$code" -eq "$end" ] || fail "ranks ended with $end, the job with $code"
  [ ! -e "$folder/scontrol.log" ] || fail "exit code $end queued the job again"
  [ ! -e espalier-17.restarts ] || fail "exit code $end is counted as a restart"
done

# Starts that bring no new checkpoint are repeated three times, and any number of times when they bring one.
queued() { RANKS_END=75 job config.yaml run || true; }
rm -f "$folder/scontrol.log"
for _ in 1 2 3 4 5; do queued; done
[ "$(wc -l <"$folder/scontrol.log")" -eq 4 ] || fail "5 starts without progress were queued $(wc -l <"$folder/scontrol.log") times"
rm -f "$folder/scontrol.log" espalier-17.restarts
mkdir -p run/checkpoints
sed -i 's|^echo ready|date +%N >run/checkpoints/LATEST; echo ready|' "$folder/mpirun"
for _ in 1 2 3 4 5; do queued; done
[ "$(wc -l <"$folder/scontrol.log")" -eq 5 ] || fail "5 starts with progress were queued $(wc -l <"$folder/scontrol.log") times"
echo "passed: slurm_test.sh"
