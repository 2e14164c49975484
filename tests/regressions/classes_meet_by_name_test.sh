# Where labels of two sets meet, a class is its name: the numbers of the sets may differ.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
colours fewer 20 bee=$green cat=$blue
packed train fewer
colour_run run train.hooks=[validate] data.validation=fewer.set
is "$(value run val_accuracy)" 1.0 "the accuracy on two of the three classes"

accuracy() {
  "$ESPALIER" evaluate run --data "$1" --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["accuracy"])'
}
is "$(accuracy fewer.set)" 1.0 "what evaluate says of two of the three classes"
expect 0 "no images of 1 of the 3 classes: 'ant'" "$ESPALIER" evaluate run --data fewer.set

# A merged set numbers its classes by the order of its parts.
"$ESPALIER" merge --quiet --prefix-keys fewer.set train.set --out merged.set
colour_run merged data.shards=merged.set train.hooks=[validate] data.validation=train.set
is "$(value merged val_accuracy)" 1.0 "the accuracy of a network that was trained on a merged set"

# What the training set does not know is refused by name, before the first step.
colours unknown 4 bee=$green dog=$blue
colours flat 4 .=$green
packed unknown flat
validated_on() { "$ESPALIER" pretrain colours.yaml --out refused train.hooks=[validate] data.validation="$1"; }
expect 2 "class 'dog'" "$ESPALIER" evaluate run --data unknown.set
expect 2 "class 'dog'" validated_on unknown.set
expect 2 "4 of 4 images have no label" "$ESPALIER" evaluate run --data flat.set
expect 2 "4 of 4 images have no label" validated_on flat.set
[ ! -e refused ] || fail "a refused run left a folder"
/usr/bin/python3 -c 'import json; assert json.load(open("run/backbone.json"))["classes"] == ["ant", "bee", "cat"]'
