# What is wrong is said once, in a line, before step 0, with exit code 2 or 3, on any number of ranks and without a hang.
source "$SOURCE/tests/program/training.sh"

# refused CODE TEXT ARGUMENT...: by 1, 2 and 3 ranks.
refused() {
  local code=$1 text=$2; shift 2
  for ranks in 1 2 3; do refused_by "$ranks" "$code" "$text" "$@"; done
}
refused_by() {
  local ranks=$1 code=$2 text=$3; shift 3
  local start=(mpirun -n "$ranks" --oversubscribe --bind-to none)
  [ "$ranks" -gt 1 ] || start=()
  expect "$code" "$text" timeout 60 "${start[@]}" "$ESPALIER" pretrain --out never "$@"
  [ "$(grep -c ' [EW] \[' expect.out)" -eq 1 ] || { cat expect.out; fail "not said once by $ranks ranks: $*"; }
  [ ! -e never ] || fail "a refused run left a folder: $*"
}

# The configuration.
refused 2 "did you mean 'lr'" tiny.yaml optim.lrr=0.1
refused_by 2 2 "data.batch is 'many'" tiny.yaml data.batch=many
expect 2 "absent.yaml" "$ESPALIER" pretrain absent.yaml --out never
sed 's/^optim: /optimm: /' tiny.yaml >typo.yaml
refused_by 3 2 "typo.yaml:6" typo.yaml
refused_by 2 2 "optim.lr" tiny.yaml optim.lr=-1
refused_by 2 2 "did you mean 'rotation'" tiny.yaml task.name=rotatoin
refused_by 2 2 "conv_bn" tiny.yaml model.name=conv_bnn
refused_by 2 2 "validate" tiny.yaml train.hooks=[validate]
refused_by 2 2 "padded_crop" tiny.yaml 'augment.views=["padded_crap(size=28)"]'
refused_by 2 2 "has no length" tiny.yaml train.steps=0 train.epochs=0

# Sizes.
refused 2 "data.batch=4" tiny.yaml data.batch=2
refused_by 1 2 "data.batch=32" tiny.yaml data.batch=34
refused_by 1 2 "has 512 samples" tiny.yaml data.batch=1024
refused_by 2 2 "batch normalisation needs 2" tiny.yaml data.batch=4
refused_by 2 2 "mpirun -n 1" tiny.yaml parallel.lanes=1
refused_by 3 2 "mpirun -n 2" tiny.yaml parallel.lanes=2

# The data.
cp -r data lacking && rm lacking/shard-00002.h5
refused 3 "lacking/shard-00002.h5" tiny.yaml data.shards=lacking
cp -r data short && truncate -s -100 short/shard-00003.h5
refused_by 2 3 "short/shard-00003.h5" tiny.yaml data.shards=short
refused_by 2 3 "nowhere" tiny.yaml data.shards=nowhere
mkdir empty
refused_by 2 3 "empty" tiny.yaml data.shards=empty

# Devices that are not here.
if [ ! -e /dev/nvidia0 ]; then
  refused 2 "train.device is cuda, but" tiny.yaml train.device=cuda
  refused 2 "parallel.communicator is 'nccl' but" tiny.yaml parallel.communicator=nccl
fi
refused_by 2 2 "parallel.communicator=mpi" tiny.yaml parallel.communicator=thread

# The folder of the run.
train 2 run
before=$(find run -type f -exec sha256sum {} + | sort)
for ranks in 1 2 3; do expect 2 "run is not empty (try: --resume" train "$ranks" run; done
: >file
expect 4 "file" train 2 file

# A run goes on as what it is.
expect 2 "optim.lr: 0.005 -> 0.5" train 3 run --resume optim.lr=0.5
expect 2 "another parallel.lanes" train 1 run --resume parallel.lanes=2
expect 2 "model.widths" train 2 run --resume model.widths=[4,6]
"$ESPALIER" pack --quiet --source small --format idx --out other --seed 1
expect 2 "other data" train 2 run --resume data.shards=other
[ "$before" = "$(find run -type f -exec sha256sum {} + | sort)" ] || fail "a refused start changed the run"

# `lanes: auto` is the first start's ranks for the life of the run.
train 2 auto parallel.lanes=auto
grep -Eq 'lanes: "?2"?$' auto/config.yaml || fail "lanes of the first start are not kept"
grep -Eq 'mode: "?exact"?$' auto/config.yaml || fail "the mode that follows the devices is not kept"
train 1 auto --resume parallel.lanes=auto
expect 2 "3 ranks cannot share 2 lanes" train 3 auto --resume parallel.lanes=auto

# The resolved configuration says all that there is to say.
"$ESPALIER" pretrain run/config.yaml --quiet --out again
cmp run/config.yaml again/config.yaml || fail "config.yaml does not read back"
same_bits run again 20
