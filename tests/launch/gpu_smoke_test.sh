#!/usr/bin/env bash
# launch/gpu_smoke.sh with everything that it calls replaced: what it tries, and that its exit code tells a failure.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

mkdir -p "$folder/launch" "$folder/build" "$folder/bin"
cp "$root/launch/gpu_smoke.sh" "$folder/launch/"
stub() { printf '#!/usr/bin/env bash\n%s\n' "$2" >"$folder/$1"; chmod +x "$folder/$1"; }
stub launch/setup.sh ''
stub bin/cmake ''
stub bin/git 'echo 0123456789ab'
stub bin/nvidia-smi 'for gpu in $(seq $GPUS); do echo "GPU $gpu: H"; done'
# shellcheck disable=SC2016
stub launch/mpirun.sh 'echo "ranks $1: ${*:3}"; shift; "$@"'
# Writes 50 losses, which are $APART on GPUs; a rank that is killed ends the run with 137.
# shellcheck disable=SC2016
stub build/espalier 'echo "$*" >>calls
[ -z "${ESPALIER_FAULT:-}" ] || exit 137
[ "$1" = pretrain ] || exit 0
while [ "$1" != --out ]; do shift; done
mkdir -p "$2"
loss=1; case "$*" in *device=cuda*) loss=$APART ;; esac
for step in $(seq 50); do echo "{\"loss\": $loss}"; done >"$2/metrics.jsonl"'
export PATH=$folder/bin:$PATH APART=1.001

# smoke CODE: the script ends with it.
smoke() {
  local code=0
  "$folder/launch/gpu_smoke.sh" >"$folder/said.txt" 2>&1 || code=$?
  [ "$code" -eq "$1" ] || { cat "$folder/said.txt"; fail "exit code $code instead of $1"; }
}

GPUS=0 smoke 3
grep -q "no GPU" "$folder/said.txt" || fail "it does not say that there is no GPU"

GPUS=8 smoke 0
for call in "bench comm communicator=nccl" "train.device=cuda --resume"; do
  grep -qF -- "$call" "$folder/calls" || fail "it does not call: $call"
done
grep -q "ranks 4: .*bench" "$folder/runs/gpu_smoke/report.txt" || fail "8 GPUs are not taken for 4 ranks"
grep -q "all passed" "$folder/runs/gpu_smoke/report.txt" || fail "the report does not say that all passed"

GPUS=1 APART=1.5 smoke 1
grep -q "FAILED: the losses" "$folder/runs/gpu_smoke/report.txt" || fail "losses that differ are not reported"
echo "passed: gpu_smoke_test.sh"
