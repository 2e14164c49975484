# Exact mode: the bits of a run do not depend on the number of ranks, for a task of each family.
source "$SOURCE/tests/program/training.sh"

for task in rotation inpaint simclr; do
  for ranks in 1 2 3 4; do
    train "$ranks" "$task-$ranks" "task.name=$task"
    same_bits "$task-1" "$task-$ranks" 20
  done
  cmp "$task-1/backbone.safetensors" "$task-4/backbone.safetensors" || fail "$task: exported backbones differ"
done

# Bits follow from the seed and from the lanes: equality above is not emptiness.
train 1 other-seed seed=1
[ "$(bits rotation-1 20)" != "$(bits other-seed 20)" ] || fail "the seed changes nothing"

# Threads that load, and a plain start, change nothing either.
"$ESPALIER" pretrain tiny.yaml --quiet --out plain data.threads=3 data.depth=1
same_bits rotation-1 plain 20

# A network with shortcuts and an adaptive optimizer.
sed -i 's/^model: .*/model: {name: resnet18, norm: batch}/' tiny.yaml
for ranks in 1 3; do train "$ranks" "deep-$ranks" data.batch=8 optim.name=adamw train.steps=2; done
same_bits deep-1 deep-3 2
