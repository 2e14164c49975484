# data.holdout keeps a part of the training set back, which hooks measure on and evaluate scores.
source "$SOURCE/tests/regressions/colours.sh"
colours train 40 ant=$red bee=$green cat=$blue
colours test 4 ant=$red bee=$green cat=$blue
packed train test
held() { colour_run "$1" data.holdout=0.1 train.hooks=[validate,knn] parallel.lanes=2 train.steps=30 "${@:2}"; }
held run
is "$(value run val_accuracy)" 1.0 "the accuracy on the part that was kept back"
is "$(value run knn_accuracy)" 1.0 "the accuracy of its neighbours among those that train"
is "$(value run epoch 9)" 1.0 "the epoch after 9 steps of 12 of 108 images"
expect 0 "12 images" "$ESPALIER" evaluate run

# The order is that of the part that trains: on two ranks and resumed the same bits.
bits() { (cd "$1/checkpoints/step-00000030" && sha256sum model.safetensors task.safetensors); }
ESPALIER_FAULT="kill:rank=0,step=20" held resumed train.checkpoint_steps=15 || true
mpi 2 pretrain colours.yaml --quiet data.holdout=0.1 train.hooks=[validate,knn] parallel.lanes=2 train.steps=30 \
  train.checkpoint_steps=15 --out resumed --resume
[ "$(bits run)" = "$(bits resumed)" ] || fail "the resumed run ended in other bits"
expect 2 "another data.holdout" "$ESPALIER" pretrain colours.yaml --out run --resume parallel.lanes=2 train.steps=30 data.holdout=0.2
expect 2 "try: data.holdout=0" "$ESPALIER" pretrain colours.yaml --out refused data.holdout=0.1 data.validation=test.set
expect 2 "data.holdout is 0.001" "$ESPALIER" pretrain colours.yaml --out refused data.holdout=0.001

# The part is known as long as the set is the same.
mv train.set before.set
expect 2 "try: --data FOLDER" "$ESPALIER" evaluate run
mv test.set train.set
expect 2 "no longer holds the set" "$ESPALIER" evaluate run

# No configuration that is shipped measures on a test set while it trains.
! grep -rnE '^ *validation: .*test' "$SOURCE/configs" || fail "a shipped configuration validates on the test set"
