#!/usr/bin/env bash
# Whether Espalier works on the GPUs of this machine: every operation between them, a short pretraining, the same on
# the CPU, and a rank that is killed. Prints a report to attach to an issue, and leaves it in runs/gpu_smoke/report.txt.
#
#   launch/gpu_smoke.sh            up to four of the GPUs, one a rank
#   launch/gpu_smoke.sh 2          two
#
# Exit code 0: all passed. 1: something did not; the report says what. 3: this machine has no GPU.
set -euo pipefail
cd "$(dirname "$0")/.."

ranks=${1:-$(nvidia-smi -L 2>/dev/null | grep -c '^GPU ' || true)}
if [ "$ranks" -eq 0 ]; then
  echo "gpu_smoke: this machine has no GPU that nvidia-smi lists, so nothing was tried" >&2
  exit 3
fi
[ "$ranks" -le 4 ] || ranks=4

launch/setup.sh --gpu
cmake --preset default
cmake --build --preset default --target espalier

out=${ESPALIER_RUNS:-runs}/gpu_smoke
rm -rf "$out"
mkdir -p "$out"
exec > >(tee "$out/report.txt") 2>&1
failed=0

# stage NAME CODES COMMAND...: its last lines, how long it took, and whether it ended with one of the exit codes.
stage() {
  local name=$1 codes=$2 start=$SECONDS code=0; shift 2
  printf '\n== %s\n%s\n' "$name" "$*"
  timeout 900 "$@" >"$out/stage.txt" 2>&1 || code=$?
  tail -n 60 "$out/stage.txt"
  case " $codes " in
    *" $code "*) echo "-- passed: $name, $((SECONDS - start)) s" ;;
    *) echo "-- FAILED: $name ended with $code, not $codes, after $((SECONDS - start)) s"; failed=1 ;;
  esac
}

pretrain() {
  local on=$1 where=$2; shift 2
  launch/mpirun.sh "$on" build/espalier pretrain configs/pretrain/rotation_fashion_mnist.yaml --quiet --out "$out/$where" \
    parallel.mode=fast train.steps=50 train.log_steps=1 train.checkpoint_steps=10 train.deadline_seconds=60 \
    'train.hooks=[]' "$@"
}

# The losses of two runs, side by side; at first they agree to rounding, which later steps carry on.
parity() {
  python3 - "$out/$1/metrics.jsonl" "$out/$2/metrics.jsonl" <<'PYTHON'
import json, sys
runs = [[json.loads(line)["loss"] for line in open(path)] for path in sys.argv[1:]]
for step, pair in enumerate(zip(*runs), 1):
    print(f"step {step:3}  {pair[0]:.6f}  {pair[1]:.6f}")
worst = max(abs(a - b) / abs(b) for a, b in list(zip(*runs))[:10])
print(f"first 10 steps: at most {worst:.1e} apart (1e-2 is accepted)")
sys.exit(len(runs[0]) != 50 or len(runs[1]) != 50 or not worst <= 1e-2)
PYTHON
}
export -f pretrain parity
export out

echo "Espalier $(git rev-parse --short=12 HEAD) on $(hostname), $ranks ranks, $(date -u +%FT%TZ)"
nvidia-smi -L
# As launch/quickstart.sh packs them.
names="T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
stage "the data" 0 build/espalier pack --source /usr/share/datasets/fashion-mnist/train --format idx \
  --class-names "$names" --out data/fashion_mnist/train
stage "doctor" "0 1" launch/mpirun.sh "$ranks" build/espalier doctor
stage "every operation, every type" 0 launch/mpirun.sh "$ranks" build/espalier bench comm communicator=nccl
stage "50 steps on GPUs" 0 bash -c "pretrain $ranks gpu train.device=cuda"
stage "50 steps on the CPU" 0 bash -c "pretrain $ranks cpu train.device=cpu"
stage "the losses: GPUs, CPU" 0 bash -c "parity gpu cpu"
# All ranks leave within the deadline; mpirun says 137 of the one that was killed, or 5 of one that missed it.
ESPALIER_FAULT="kill:rank=$((ranks - 1)),step=25" stage "a rank is killed at step 25" "5 137" \
  bash -c "pretrain $ranks killed train.device=cuda"
stage "it goes on" 0 bash -c "pretrain $ranks killed train.device=cuda --resume"

printf '\ngpu_smoke: %s; the report is %s\n' "$([ "$failed" -eq 0 ] && echo "all passed" || echo "SOMETHING FAILED")" \
  "$out/report.txt"
exit "$failed"
