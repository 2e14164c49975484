# A run that begins with the weights of another starts at its loss: head, teacher, queue and running statistics go on.
source "$SOURCE/tests/program/training.sh"

# Every batch is the whole set, and views are not random: the loss of a step tells of the weights alone.
train_all() { train 1 "$@" data.batch=512 train.log_steps=1 train.checkpoint_steps=8 optim.schedule=constant; }
first_loss() { /usr/bin/python3 -c 'import json, sys; print(json.loads(open(sys.argv[1] + "/metrics.jsonl").readline())["loss"])' "$1"; }
loss_of() { /usr/bin/python3 -c 'import json, sys; print([json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl")][int(sys.argv[2]) - 1]["loss"])' "$1" "$2"; }

# goes_on TASK VIEWS [key=value ...]: the loss of step 9 of one run is that of the first step of a run that begins with its
# checkpoint of step 8, and of one that begins with a run of 8 steps; a new head would be far away.
goes_on() {
  local task=$1 views=$2; shift 2
  local options=(task.name="$task" "augment.views=$views" optim.lr=0.2 "$@")
  train_all long "${options[@]}" train.steps=9
  train_all short "${options[@]}" train.steps=8
  train_all child "${options[@]}" train.steps=1 model.weights=long@8
  train_all after "${options[@]}" train.steps=1 model.weights=short
  cp short/backbone.safetensors alone.safetensors
  train_all fresh "${options[@]}" train.steps=1 model.weights=alone.safetensors
  /usr/bin/python3 - "$task" "$(loss_of long 9)" "$(first_loss child)" "$(first_loss after)" "$(first_loss fresh)" <<'PYTHON' || fail "$task"
import sys
task, (expected, child, after, fresh) = sys.argv[1], map(float, sys.argv[2:])
print(task, expected, child, after, fresh)
for loss in (child, after):
    assert abs(loss - expected) < 0.02 * abs(fresh - expected), "the loss jumps"
PYTHON
  grep -q "\"task\": \"$task\"" child/provenance.json || fail "$task: provenance.json does not say that the task went on"
  [ "$task" != rotation ] || chance fresh || fail "the loss of chance is not said"
  chance child && fail "$task goes on, and is told what chance gives"
  rm -r long short child after fresh
}

# What chance would give is said of a new head alone.
chance() { grep -q "of a fresh network" "$1/log.txt"; }

plain='["centre_crop(28)"]' two='["centre_crop(28)", "centre_crop(28) | flip(p=1)"]'
goes_on rotation "$plain"
goes_on npid "$plain"
goes_on simclr "$two"
goes_on byol "$two" task.hidden=32 task.dimension=16
goes_on moco_v2 "$two" task.queue=1024 task.hidden=32 task.dimension=16
# A teacher whose momentum rises with the share of the run would be another one after 8 of 8 steps than after 8 of 9.
goes_on dino "$two" task.local_crops=0 task.prototypes=64 task.hidden=32 task.bottleneck=16 task.prototypes_rest=0 \
  task.teacher_temperature_first=0.05 task.teacher_temperature=0.05 task.momentum=1

# Another task, other shapes, a part of the backbone, another set: the head begins anew, and why is said.
train 1 parent
begins_anew() { local why=$1; shift; expect 0 "$why" "$ESPALIER" pretrain tiny.yaml --out other train.steps=1 model.weights=parent "$@"; rm -r other; }
begins_anew "that of the run was rotation" task.name=simclr "augment.views=$two"
begins_anew "it has another classifier" task.angles=2
train 1 labels task.name=supervised
first_images 256
"$ESPALIER" pack --quiet --source small --format idx --out half --shard-size 100000
expect 0 "it knows the set" "$ESPALIER" pretrain tiny.yaml --out other train.steps=1 task.name=supervised model.weights=labels data.shards=half
rm -r other
expect 0 "task rotation goes on" "$ESPALIER" pretrain tiny.yaml --out other train.steps=1 model.weights=parent data.shards=half
rm -r other
train 1 other train.steps=1 model.weights=parent model.weights_stages=1
grep -q '"task": "rotation"' other/provenance.json && fail "a part of the backbone took the head with it"
rm -rf parent/checkpoints
rm -r other
begins_anew "checkpoint is not there"
