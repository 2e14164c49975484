# Numbers that are not finite, and lengths that no run has, are refused before anything is trained.
source "$SOURCE/tests/program/training.sh"
for bad in train.epochs=inf train.epochs=1e300 optim.lr=inf optim.lr=nan optim.lr=-inf train.deadline_seconds=inf \
    optim.weight_decay=inf train.steps=9223372036854775807 augment.std=[inf]; do
  expect 2 "${bad%%=*} is" "$ESPALIER" pretrain tiny.yaml train.steps=0 "$bad" --out never
  [ ! -e never ] || fail "$bad trained"
done
expect 2 "seed" "$ESPALIER" simulate-epoch data --ranks 1 --seed -1
