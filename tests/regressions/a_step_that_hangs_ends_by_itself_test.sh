# Work of a rank that hangs ends the run after the deadline, on one rank as on several, naming rank and activity.
source "$SOURCE/tests/program/training.sh"
hangs() { timeout 60 "$ESPALIER" pretrain tiny.yaml --quiet --out "$1" train.deadline_seconds=3; }
ESPALIER_FAULT="stall:step=4" expect 5 "forward and backward of step 4" hangs alone
grep -qF "rank 0 on $(hostname)" expect.out || fail "the rank and its host are not named"
ESPALIER_FAULT="stall:step=4" expect 5 "forward and backward of step 4" train 2 all train.deadline_seconds=3
ESPALIER_FAULT="stall:rank=1,step=2" expect 5 "rank 1 on $(hostname) made no progress" \
  train 3 one train.deadline_seconds=3
