# Every set that a hook will read is looked at before the first step, not when an epoch ends.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
SIDE=12 colours large 4 ant=$red bee=$green cat=$blue
colours four 4 ant=$red bee=$green cat=$blue
packed train large
/usr/bin/python3 - <<'PYTHON'
import h5py, numpy
with h5py.File("four.h5", "w") as file:
    file["images"] = numpy.zeros((6, 8, 8, 4), numpy.uint8)
    file["labels"] = numpy.arange(6) % 3
PYTHON
hooked() { local hook=$1; shift; "$ESPALIER" pretrain colours.yaml --out refused train.hooks=["$hook"] "$@"; }
for hook in validate knn; do
  expect 2 "data.validation (large.set): augment.evaluate makes views of 3 x 12 x 12" hooked $hook data.validation=large.set
  expect 2 "resize(8, 8)" hooked $hook data.validation=large.set
  expect 3 "nowhere.set" hooked $hook data.validation=nowhere.set
done
expect 2 "knn.data (large.set): augment.evaluate makes views of 3 x 12 x 12" hooked knn knn.data=large.set
expect 3 "nowhere.set" hooked knn knn.data=nowhere.set

# Images of several sizes: the one that cannot pass is named, for training and for measuring.
SIDE=6 colours mixed 2 ant=$red
SIDE=12 colours mixed 1 bee=$green
packed mixed
expect 2 "ant/ant000.png, 6 x 6 px" hooked validate data.validation=mixed.set augment.evaluate="padded_crop(size=8, padding=0)"
expect 2 "ant/ant000.png, 6 x 6 px" "$ESPALIER" pretrain colours.yaml --out refused data.shards=mixed.set data.batch=3 \
  augment.views='["padded_crop(size=8, padding=0)"]' augment.evaluate="centre_crop(8)"
[ ! -e refused ] || fail "a refused run left a folder"

# The verbs that look at images with a network, too.
colour_run run
expect 2 "--data (large.set): --evaluate makes views of 3 x 12 x 12" "$ESPALIER" evaluate run --data large.set
