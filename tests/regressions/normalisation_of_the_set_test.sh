# What pixels are normalised by: left out, the numbers of the training set, which then stand in the run and its backbone;
# numbers for bytes are refused.
source "$SOURCE/tests/program/training.sh"

train 2 measured train.steps=4 train.checkpoint_steps=2 task.name=supervised train.keep_checkpoints=3
train 1 alone train.steps=4 task.name=supervised
/usr/bin/python3 - <<'PYTHON' || fail "the mean and the deviation are not those of the set"
import h5py, json, numpy, pathlib, re
pixels = numpy.concatenate([h5py.File(path)["images"][:].ravel() for path in sorted(pathlib.Path("data").glob("shard-*.h5"))]) / 255
wanted = [round(float(pixels.mean()), 4)], [round(float(pixels.std()), 4)]
facts = json.load(open("measured/backbone.json"))["normalisation"]
assert (facts["mean"], facts["std"]) == wanted, (facts, wanted)
for run in ("measured", "alone"):
    text = open(run + "/config.yaml").read()
    assert re.search(r"^  mean: \[%s\]$" % wanted[0][0], text, re.M), text
    assert re.search(r"^  std: \[%s\]$" % wanted[1][0], text, re.M), text
PYTHON
same_bits measured alone 4

# The same numbers when it goes on, and none else.
cp -r measured resumed
rm -r resumed/checkpoints/step-00000004 resumed/backbone.*
train 1 resumed train.steps=4 task.name=supervised --resume
same_bits measured resumed 4
expect 2 "augment.mean" train 1 resumed train.steps=4 task.name=supervised augment.mean=[0.5] --resume
first_images 200
"$ESPALIER" pack --quiet --source small --format idx --out other
expect 0 "accuracy" "$ESPALIER" evaluate measured --data other

# Only what is left out is measured.
train 1 half train.steps=1 augment.std=[0.25]
grep -q "std: \[0.25\]" half/config.yaml || fail "augment.std was not kept"

expect 2 "try: 0.485" train 1 refused augment.mean=[123.675,116.28,103.53]
expect 2 "try: 0.229" train 1 refused augment.std=[58.395]
expect 2 "from 0 to 1" train 1 refused augment.mean=[-0.5]
expect 0 "empty = the mean of the training set" "$ESPALIER" describe augment
