# A sweep that is killed goes on where it was: no finished cell is computed again. Two processes or ranks share one. A report of it.
source "$SOURCE/tests/program/training.sh"
"$ESPALIER" pack --quiet --source small --format idx --out test --shard-size 100000 --seed 1
cat >sweep.yaml <<'YAML'
data: {train: data, test: test}
transfer: {cuts: [1, 2], modes: [frozen, tuned], kept_lr_factor: 0.1, labels_per_class: [4], seeds: 4, steps: 100}
optim: {name: sgd, lr: 0.05}
YAML
train 2 run train.steps=2
sweep=("$ESPALIER" transfer sweep.yaml --backbone run --out)
finished() { find "$1/cells" -name result.json ! -path '*/.*' 2>/dev/null | sort; }
stamps() { xargs -r stat -c '%n %i %y' <"$1"; }

"${sweep[@]}" killed >killed.txt 2>&1 &
until [ "$(finished killed | wc -l)" -ge 3 ]; do
  kill -0 $! 2>/dev/null || { cat killed.txt; fail "the sweep ended before it could be killed"; }
  sleep 0.02
done
kill -9 $!
wait $! || true
finished killed >before.txt
there=$(wc -l <before.txt)
[ "$there" -lt 20 ] || fail "the sweep was not killed in its middle"
[ ! -e killed/cells.csv ] || fail "a killed sweep has results"
stamps before.txt >before.stamps
expect 0 "$there of 20 cells were there already" "${sweep[@]}" killed
grep -q '^  2 conv2' expect.out || fail "the table of the sweep was not printed"
stamps before.txt | diff before.stamps - || fail "a finished cell was computed again"
[ "$(grep -c ',done$' killed/cells.csv)" -eq 20 ] || fail "cells are missing"
[ -z "$(ls killed/cells | grep lock)" ] || fail "locks were left"

# Two processes at once compute the same cells, whoever takes which.
"${sweep[@]}" shared --quiet >one.txt 2>&1 & one=$!
"${sweep[@]}" shared --quiet >two.txt 2>&1 || { cat two.txt; fail "the second process of a shared sweep failed"; }
wait $one || { cat one.txt; fail "the first process of a shared sweep failed"; }
but_seconds() { cut -d, -f1-14,16- "$1/cells.csv"; }
diff <(but_seconds killed) <(but_seconds shared) || fail "two processes got other results than one"

# So do two ranks, to the byte of every file.
mpi 2 transfer sweep.yaml --backbone run --out ranks --quiet >ranks.txt 2>&1 || { cat ranks.txt; fail "a sweep on two ranks failed"; }
diff <(but_seconds killed) <(but_seconds ranks) || fail "two ranks got other results than one process"
bytes() { (cd "$1/cells" && find . -type f | sort | while read -r file; do echo "$file $(grep -av '"seconds"' "$file" | sha256sum)"; done); }
diff <(bytes killed) <(bytes ranks) || fail "two ranks wrote other files than one process"
[ "$(bytes ranks | grep -c predictions)" -eq 20 ] || fail "predictions are missing"

expect 0 "" "$ESPALIER" report run killed --out page.html
grep -q "conv2" page.html || fail "the page does not show the sweep"
expect 2 "has 3, the backbone has 2 stages" "${sweep[@]}" never transfer.cuts=[3]
[ ! -e never ] || fail "a refused sweep left a folder"
