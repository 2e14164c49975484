# A run folder is written by one job at a time: a second one is refused and told who holds it; a killed holder holds nothing.
source "$SOURCE/tests/program/training.sh"
"$ESPALIER" pretrain tiny.yaml --quiet --out held train.steps=100000 train.checkpoint_steps=20 &
holder=$!
until [ -e held/checkpoints/LATEST ]; do sleep 0.05; done
for ranks in 1 2; do
  expect 2 "another pretrain is writing into held: process $holder on $(hostname)" \
    train "$ranks" held --resume train.steps=100000 train.checkpoint_steps=20
done
kill -0 $holder || fail "the job that held the folder ended"
kill -9 $holder
wait $holder || true
expect 75 "" timeout --preserve-status -s USR1 15 \
  "$ESPALIER" pretrain tiny.yaml --out held --resume train.steps=100000 train.checkpoint_steps=20
[ ! -e held/.lock ] || fail "a job that ended left its lock"
