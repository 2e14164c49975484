# What training adds is seen against the network before its first step: a row of step 0, written once.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
packed train
expect 0 "before the first step: knn_accuracy" "$ESPALIER" pretrain colours.yaml --out run train.hooks=[knn] train.steps=5
[ "$(value run knn_accuracy 0)" != absent ] || fail "there is no row of step 0"
[ "$(value run knn_accuracy 5)" != absent ] || fail "there is no row of step 5"
is "$(value run loss 0)" absent "a loss before the first step"

# Resumed from a checkpoint or from none, step 0 stays one row.
rows() { grep -c '"step":0,' "$1/metrics.jsonl"; }
ESPALIER_FAULT="kill:rank=0,step=2" colour_run killed train.hooks=[knn] train.steps=5 train.checkpoint_steps=3 || true
colour_run killed --resume train.hooks=[knn] train.steps=5 train.checkpoint_steps=3
is "$(rows killed)" 1 "the number of rows of step 0, resumed at the start"
ESPALIER_FAULT="kill:rank=0,step=5" colour_run later train.hooks=[knn] train.steps=5 train.checkpoint_steps=3 || true
colour_run later --resume train.hooks=[knn] train.steps=5 train.checkpoint_steps=3
is "$(rows later)" 1 "the number of rows of step 0, resumed after step 3"
is "$(value later knn_accuracy 0)" "$(value run knn_accuracy 0)" "what was measured before the first step"
"$ESPALIER" report run later --quiet --out page.html
grep -q knn_accuracy page.html || fail "the page does not show the accuracy"
