# --quiet is about the screen: the run's log.txt is the same.
source "$SOURCE/tests/program/training.sh"
train 1 run train.steps=2
grep -q "2 steps" run/log.txt || fail "log.txt of a quiet run does not hold its lines"
mkdir taken && mkdir taken/log.txt && expect 4 "log.txt" "$ESPALIER" pretrain tiny.yaml --resume --out taken
