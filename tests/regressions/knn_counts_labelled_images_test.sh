# Neighbours and queries are drawn among the images that have a label, whatever the order of the set.
source "$SOURCE/tests/regressions/colours.sh"
knn_run() { local out=$1; shift; colour_run "$out" train.hooks=[knn] train.steps=1 task.name=rotation optim.lr=0 "$@"; }
colours train 20 ant=$red bee=$green cat=$blue
colours test 10 ant=$red bee=$green cat=$blue
colours others 200 .=$green
packed test others
packed train && mv train.set labelled.set

# 60 images with a label among 200 without.
"$ESPALIER" merge --quiet labelled.set others.set --out train.set
"$ESPALIER" merge --quiet test.set others.set --out mixed.set
knn_run bank data.validation=test.set
is "$(value bank knn_accuracy)" 1.0 "the accuracy with a bank that is labelled in part"
knn_run queries data.shards=labelled.set data.validation=mixed.set
is "$(value queries knn_accuracy)" 1.0 "the accuracy of queries that are labelled in part"

# A small bank of a set in the order of its classes holds all of them.
"$ESPALIER" pack --quiet --source train --format image_folder --order path --out path.set
knn_run path data.shards=path.set data.validation=test.set knn.bank=20
is "$(value path knn_accuracy)" 1.0 "the accuracy with the bank of a set in path order"
expect 0 "20 labelled images of data.shards (path.set) for the neighbours of 30 of" \
  "$ESPALIER" pretrain colours.yaml --out said train.hooks=[knn] train.steps=1 data.shards=path.set data.validation=test.set knn.bank=20

# Votes do not overflow, and an image is not its own neighbour.
knn_run cold data.shards=labelled.set data.validation=test.set knn.temperature=0.001
is "$(value cold knn_accuracy)" 1.0 "the accuracy at a low temperature"
expect 2 "has no bank" "$ESPALIER" pretrain colours.yaml --out refused train.hooks=[knn] data.shards=test.set data.validation=test.set
