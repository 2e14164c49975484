# A run that is killed goes on from its last checkpoint, on another number of ranks, and ends with the bits and the
# metrics of the run that nothing disturbed.
source "$SOURCE/tests/program/training.sh"
sed -i 's/steps: 20,/steps: 20, checkpoint_steps: 3,/' tiny.yaml
for task in rotation simclr; do
  train 2 "whole-$task" "task.name=$task"

  # Killed inside a step, twice, and each time continued by other ranks. The order of arguments does not matter.
  killed=killed-$task first=$((RANDOM % 9 + 2)) second=$((RANDOM % 8 + 12))
  echo "$task: killed in steps $first and $second"
  ESPALIER_FAULT="kill:rank=2,step=$first" expect 137 "is on" train 3 "$killed" "task.name=$task"
  ESPALIER_FAULT="kill:rank=0,step=$second" expect 137 "is on" train 1 "$killed" --resume "task.name=$task"
  train 4 "$killed" --resume "task.name=$task"
  same_bits "whole-$task" "$killed" 20
  same_metrics "$killed" "whole-$task" 20
  cmp "whole-$task/backbone.safetensors" "$killed/backbone.safetensors" || fail "$task: exported backbones differ"
done

# What is finished stays so.
touch stamp
train 2 whole-rotation --resume
[ whole-rotation/checkpoints/step-00000020 -ot stamp ] || fail "a finished run wrote its last checkpoint again"
same_metrics whole-rotation killed-rotation 20

# SIGUSR1: a checkpoint and exit code 75, "queue me again". `mpirun` passes it on.
stopped() {
  local code=0 run=$1; shift
  "$@" &
  until [ -s "$run/metrics.jsonl" ]; do sleep 0.02; done
  kill -USR1 $!
  wait $! || code=$?
  [ "$code" -eq 75 ] || fail "exit code $code after SIGUSR1, not 75"
  [ "$(cat "$run/checkpoints/LATEST")" != step-00000400 ] || fail "the signal came too late to show anything"
}
long=(--quiet train.steps=400 train.checkpoint_steps=0)
"$ESPALIER" pretrain tiny.yaml --out long "${long[@]}"
stopped signal "$ESPALIER" pretrain tiny.yaml --out signal "${long[@]}"
[ ! -e signal/backbone.safetensors ] || fail "a stopped run exported its backbone"
train 2 signal --resume "${long[@]}"
same_bits long signal 400
same_metrics signal long 400
stopped forwarded mpirun -n 2 --oversubscribe --bind-to none "$ESPALIER" pretrain tiny.yaml --out forwarded "${long[@]}" 2>mpirun.txt
train 3 forwarded --resume "${long[@]}"
same_bits long forwarded 400
