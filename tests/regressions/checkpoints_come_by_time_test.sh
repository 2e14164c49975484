# With no interval of steps, checkpoints come by time.
source "$SOURCE/tests/program/training.sh"
"$ESPALIER" pretrain tiny.yaml --quiet --out timed train.steps=100000 train.checkpoint_minutes=0.005 &
run=$!
for _ in $(seq 600); do
  [ ! -e timed/checkpoints/LATEST ] || break
  kill -0 $run 2>/dev/null || fail "the run ended"
  sleep 0.1
done
kill -9 $run
wait $run || true
[ -e timed/checkpoints/LATEST ] || fail "no checkpoint came by time"
