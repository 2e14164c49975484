# Training in fp16: a scale that is too large for the gradient is halved until it fits, and is part of the run's bits.
source "$SOURCE/tests/program/training.sh"
# Bright pixels and no normalisation: the first gradients are too large.
fp16() {
  train "$@" train.precision=fp16 'augment.std=[0.03]' model.norm=none optim.lr=0.0001 train.checkpoint_steps=1 train.keep_checkpoints=100
}
fp16 1 one
fp16 2 two
same_bits one two 20
same_metrics one two 20

/usr/bin/python3 - <<'PYTHON' || fail "the scale does not find its place"
import json
rows = [json.loads(line) for line in open("one/metrics.jsonl")]
scales, skipped, losses = ([row[name] for row in rows] for name in ("loss_scale", "skipped_steps", "loss"))
print(scales, skipped, losses)
count = int(skipped[-1])
assert 2 <= count < 10, "no steps were skipped at first, or too many"
assert skipped == [min(step, count) for step in range(1, 21)]
assert scales == [65536 / 2 ** step for step in skipped]
assert losses[-1] < 0.7 * losses[0], "it does not train"
PYTHON
grep -q "step 1 is skipped.*the loss scale is now 32768" one/log.txt || fail "a skipped step does not say the scale"
grep -q "of which $(grep -c "is skipped" one/log.txt) were skipped" one/log.txt || fail "the end does not say how many were"

# A skipped step changes nothing but the count and the scale.
for part in model task optim; do
  cmp one/checkpoints/step-0000000{1,2}/$part.safetensors || fail "a skipped step changed $part"
done

# Killed while the scale falls, resumed on another number of ranks.
ESPALIER_FAULT="kill:rank=0,step=2" expect 137 "" fp16 1 killed
fp16 2 killed --resume
same_bits killed one 20
same_metrics killed one 20

# Where no scale helps the run ends, and says so.
ESPALIER_FAULT="$(for i in $(seq 17); do printf 'nan:rank=0,step=%d;' "$i"; done)" \
  expect 3 "the loss is not finite even at a loss scale of 1" fp16 1 hopeless train.nonfinite_limit=1000
ESPALIER_FAULT="nan:rank=0,step=18;nan:rank=0,step=19" expect 3 "2 steps in a row" fp16 1 limited train.nonfinite_limit=2
expect 3 "all 2 steps were skipped" fp16 1 short train.steps=2
[ ! -e short/backbone.safetensors ] || fail "an untrained backbone was exported"
