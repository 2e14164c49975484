# A dry run checks all that a run checks, says what it would take, and leaves nothing behind.
source "$SOURCE/tests/program/training.sh"

for ranks in 1 2; do
  expect 0 "20 steps" mpi $ranks pretrain tiny.yaml --dry-run --quiet
done
mpi 2 pretrain tiny.yaml --dry-run --quiet --json train.steps=1000 optim.lr=100 >dry.json
/usr/bin/python3 - <<'PYTHON' || fail "the numbers of a dry run"
import json
dry = json.load(open("dry.json"))
assert dry["samples"] == 512 and dry["steps"] == 1000 and dry["parameters"] == 36 + 8 + 288 + 16 + 36, dry
assert 0 < dry["step_seconds"] and dry["seconds"] >= 1000 * dry["step_seconds"], dry
assert 20e6 < dry["memory_bytes"] < 2e9, dry
PYTHON
[ "$(ls)" = "$(printf 'data\ndry.json\nexpect.out\nsmall-images-idx3-ubyte\nsmall-labels-idx1-ubyte\ntiny.yaml')" ] || fail "a dry run left files: $(ls)"

expect 2 "data.batch is 1000" "$ESPALIER" pretrain tiny.yaml --dry-run data.batch=1000
expect 2 "multiple of parallel.lanes" "$ESPALIER" pretrain tiny.yaml --dry-run data.batch=30
expect 2 "task.nam" "$ESPALIER" pretrain tiny.yaml --dry-run task.nam=x
expect 2 "--out is required" "$ESPALIER" pretrain tiny.yaml
expect 2 "without --resume" "$ESPALIER" pretrain tiny.yaml --dry-run --resume
