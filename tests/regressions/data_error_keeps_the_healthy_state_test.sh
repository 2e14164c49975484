# Data that cannot be read for the next step cost nothing of the steps before it: their state is written, then the run ends.
source "$SOURCE/tests/program/training.sh"
/usr/bin/python3 - <<'PYTHON'
import h5py
with h5py.File("data/shard-00002.h5") as shard:
    at = shard["images"].id.get_offset()
with open("data/shard-00002.h5", "r+b") as file:  # one sample of 512, met after some steps
    file.seek(at + 20 * 784 + 300)
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 255]))
PYTHON
for ranks in 1 2; do
  for seed in 1 2; do
    run=run-$ranks-$seed
    expect 3 "is damaged" train "$ranks" "$run" "seed=$seed" data.depth=1 augment.mean=[0.5] augment.std=[0.5]
    step=$(grep -o 'step [0-9]*: shard\|step [0-9]*: data' expect.out | grep -o '[0-9]*' | head -n 1 || true)
    [ -n "$step" ] || continue  # met by the first step: there is nothing to keep
    [ "$(cat "$run/checkpoints/LATEST")" = "$(printf 'step-%08d' $((step - 1)))" ] ||
      fail "step $step has no data, the newest checkpoint is $(cat "$run/checkpoints/LATEST")"
    kept=yes
  done
done
[ "${kept:-no}" = yes ] || fail "no run met the damaged sample after its first step"
