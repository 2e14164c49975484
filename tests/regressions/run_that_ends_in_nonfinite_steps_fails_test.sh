# A run whose last steps were skipped, because they were not finite, exports nothing and does not end with 0.
source "$SOURCE/tests/program/training.sh"
for ranks in 1 2; do
  ESPALIER_FAULT="nan:rank=0,step=19;nan:rank=0,step=20" expect 3 "the last 2 steps" train "$ranks" "ended-$ranks"
  [ ! -e "ended-$ranks/backbone.safetensors" ] || fail "a backbone was exported"
  expect 3 "the last 2 steps" train "$ranks" "ended-$ranks" --resume
done
ESPALIER_FAULT="nan:rank=0,step=1;nan:rank=0,step=2" expect 3 "the last 2 steps" train 1 all train.steps=2
ESPALIER_FAULT="nan:rank=0,step=18;nan:rank=0,step=19" expect 0 "step 19 is skipped" train 2 recovered

# Steps that are skipped in a row count across a restart.
ESPALIER_FAULT="nan:rank=0,step=4;nan:rank=0,step=5;kill:rank=0,step=6" \
  expect 137 "step 5 is skipped" train 1 restarted train.checkpoint_steps=5 train.nonfinite_limit=3
ESPALIER_FAULT="nan:rank=0,step=6" expect 3 "step 6: 3 steps in a row" \
  train 1 restarted --resume train.checkpoint_steps=5 train.nonfinite_limit=3
