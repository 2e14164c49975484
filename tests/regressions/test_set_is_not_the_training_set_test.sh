# A test set that is the training set, wherever it lies, is refused, by transfer before the first cell, and by evaluate.
source "$SOURCE/tests/program/sweeping.sh"
cp -r data copy
expect 2 "holds the same set as data.train" sweep out data.test=copy
[ ! -e out ] || fail "a refused sweep left a folder"
train 1 supervised task.name=supervised train.steps=2 data.validation=copy
expect 2 "is the set that the run was trained on" "$ESPALIER" evaluate supervised --data data
expect 2 "is the set that the run was trained on" "$ESPALIER" evaluate supervised
expect 0 "256 images" "$ESPALIER" evaluate supervised --data test
