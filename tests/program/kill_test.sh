# Kill -9 at any moment, also amid a checkpoint: a run that writes one every step loses nothing, however often it is hit.
source "$SOURCE/tests/program/training.sh"
sed -i 's/steps: 20,/steps: 150, checkpoint_steps: 1,/' tiny.yaml
train 2 whole train.checkpoint_steps=0

hits=0
for round in 1 2 3 4 5 6; do
  ranks=$((RANDOM % 3 + 1)) resume=() seen=$(cat hit/checkpoints/LATEST 2>/dev/null || true)
  [ "$round" -eq 1 ] || resume=(--resume)
  mpirun -n "$ranks" --oversubscribe --bind-to none "$ESPALIER" pretrain tiny.yaml --quiet --out hit "${resume[@]}" \
    >hit.txt 2>&1 &
  launcher=$!
  # Under way when it has written a checkpoint of its own; then some moment of the steps that follow.
  until [ "$(cat hit/checkpoints/LATEST 2>/dev/null || true)" != "$seen" ] || ! kill -0 $launcher 2>/dev/null; do
    sleep 0.01
  done
  sleep "0.0$((RANDOM % 90 + 10))"
  victims=($(pgrep -P "$launcher" espalier || true))
  [ "${#victims[@]}" -gt 0 ] && kill -9 "${victims[RANDOM % ${#victims[@]}]}" && hits=$((hits + 1))
  code=0; wait $launcher || code=$?
  echo "round $round, $ranks ranks, killed with $(cat hit/checkpoints/LATEST) written: exit code $code"
  [ "$code" -ne 0 ] || break
done
[ "$hits" -ge 2 ] || fail "the run ended before it could be killed"
train 3 hit --resume
same_bits whole hit 150
same_metrics hit whole 150
