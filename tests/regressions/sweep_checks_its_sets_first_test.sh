# Every set that a sweep will read is looked at before the first cell: exit 2 with what to try. A class without test
# images is no mistake.
source "$SOURCE/tests/program/sweeping.sh"
/usr/bin/python3 - <<'PYTHON'
import struct
for name, size, label in (("large", 32, 3), ("strange", 28, 11)):
    with open(f"{name}-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">4i", 2051, 20, size, size) + bytes(range(20)) * (size * size))
    with open(f"{name}-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">2i", 2049, 20) + bytes([label]) * 20)
PYTHON
for name in large strange; do "$ESPALIER" pack --quiet --source $name --format idx --out $name; done
refused() { local text=$1; shift; expect 2 "$text" sweep never "$@"; grep -q "try:" expect.out || fail "no try: $*"; }
refused "28" data.test=large
refused "28" data.train=large
refused "'11'" data.test=strange
refused "labelled images" 'transfer.labels_per_class=[100000]'
expect 2 "transfer" sweep never transfer.seeds=1000 'transfer.labels_per_class=[1,2,3,4,5,6,7,8,9,10]' \
  'transfer.cuts=[1,2]' 'transfer.modes=[frozen, tuned]' transfer.seeds=100000000000
for wrong in 'transfer.cuts=[0]' 'transfer.cuts=[-1]' 'transfer.cuts=[99]' 'transfer.modes=[]' 'transfer.modes=[x]' \
  'transfer.labels_per_class=[]' 'transfer.labels_per_class=[-1]' transfer.seeds=0 transfer.seeds=-1 transfer.steps=0 \
  transfer.batch=1 transfer.workers=-1 transfer.kept_lr_factor=-1 transfer.workers=100000000 data.threads=100000000 \
  transfer.batch=9223372036854775807 transfer.seeds=9223372036854775807 'transfer.cuts=[9223372036854775807]'; do
  expect 2 "" timeout 60 "$ESPALIER" transfer sweep.yaml --backbone run --out never "$wrong"
done
[ ! -e never ] || fail "a refused sweep left a folder"

image_set fewer 512 256 0 1 2 4
expect 0 "has no images of" sweep out data.test=fewer
expect 4 "/proc/" "$ESPALIER" transfer sweep.yaml --backbone run --out /proc/espalier
