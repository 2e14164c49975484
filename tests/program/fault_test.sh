# Faults while a run is under way: what can be skipped is skipped and said, the rest ends every rank with its cause.
source "$SOURCE/tests/program/training.sh"
train 2 whole train.checkpoint_steps=5

# A gradient that is not finite: the step is left out, on all ranks alike, and said once.
for ranks in 1 2 3; do
  ESPALIER_FAULT="nan:rank=0,step=3" expect 0 "not finite: backbone.conv1.weight" train "$ranks" "nan-$ranks"
  [ "$(grep -c 'step 3 is skipped' expect.out)" -eq 1 ] || fail "a skipped step is said $ranks times"
  same_bits nan-1 "nan-$ranks" 20
done
ESPALIER_FAULT="nan:rank=1,step=3" train 2 nan-other 2>expect.out
grep -q "not finite: backbone.conv1.weight, from rank 1" expect.out || fail "the rank is not named"
same_bits nan-1 nan-other 20
[ "$(bits nan-1 20)" != "$(bits whole 20)" ] || fail "a skipped step changes nothing"
ESPALIER_FAULT="nan:step=3;nan:step=4;nan:step=6;nan:step=7;nan:step=8" \
  expect 3 "step 8: 3 steps in a row" train 2 never train.nonfinite_limit=3

# A rank that stands still: it ends itself after the deadline and says where it stood; the others leave with it.
SECONDS=0
ESPALIER_FAULT="stall:rank=1,step=2" expect 5 "made no progress for 3 s in forward and backward of step 2" \
  train 3 stalled train.deadline_seconds=3
[ "$SECONDS" -lt 40 ] || fail "it took $SECONDS s to leave a rank that stands still"
train 3 stalled --resume
same_bits whole stalled 20

# A full disk: the older checkpoint stands, the next one is tried; at the end it is a failure.
ESPALIER_FAULT="enospc:step=10" expect 0 "no checkpoint at step 10" train 2 full train.checkpoint_steps=5 train.keep_checkpoints=9
[ "$(cd full/checkpoints && echo step-*)" = "step-00000005 step-00000015 step-00000020" ] || fail "other checkpoints"
same_bits whole full 20
ESPALIER_FAULT="enospc:step=20" expect 4 "No space left on device" train 2 full-at-end train.checkpoint_steps=5
train 3 full-at-end --resume train.checkpoint_steps=5
same_bits whole full-at-end 20

# A failure that only rank 0 meets, between two records: its metrics may not pass 4 KB.
limited() {
  OMPI_MCA_btl=self,tcp timeout 60 mpirun -n 3 --oversubscribe --bind-to none \
    bash -c 'trap "" XFSZ; ulimit -f 4; exec "$0" "$@"' "$ESPALIER" pretrain tiny.yaml --quiet --out limited "$@"
}
expect 4 "cannot write limited/metrics.jsonl" limited train.steps=60 train.checkpoint_steps=5
[ "$(grep -c ' E \[' expect.out)" -eq 3 ] || fail "the failure of rank 0 did not reach every rank"
train 2 limited --resume train.steps=60
train 2 longer train.steps=60
same_bits longer limited 60
same_metrics limited longer 60

# A damaged sample: every rank ends, shard and key are named.
cp -r data damaged
/usr/bin/python3 - >key.txt <<'PYTHON'
import h5py
with h5py.File("damaged/shard-00002.h5") as shard:
    at = shard["images"].id.get_offset() + 7 * 784 + 300
    first, last = shard["key_offset"][7:9]
    print(bytes(shard["key"][first:last]).decode())
with open("damaged/shard-00002.h5", "r+b") as file:
    file.seek(at)
    byte = file.read(1)
    file.seek(at)
    file.write(bytes([byte[0] ^ 255]))
PYTHON
for ranks in 1 2 3; do
  expect 3 "shard-00002.h5: sample $(cat key.txt) is damaged" train "$ranks" "damaged-$ranks" data.shards=damaged
  [ "$(grep -c ' E \[' expect.out)" -eq 1 ] || fail "damage is said by several of $ranks ranks"
done

# A damaged checkpoint: the one before it serves, the bits are the same.
for file in model.safetensors state.json MANIFEST; do
  rm -rf old && cp -r whole old
  truncate -s -3 "old/checkpoints/step-00000020/$file"
  expect 0 "step-00000020" train 3 old --resume train.checkpoint_steps=5
  [ "$(grep -c 'trying the checkpoint before' expect.out)" -eq 1 ] || fail "the damaged checkpoint is not said once"
  same_bits whole old 20
  same_metrics old whole 20
done
rm -rf old && cp -r whole old
for checkpoint in old/checkpoints/step-*; do truncate -s -3 "$checkpoint/model.safetensors"; done
expect 3 "is whole" train 2 old --resume
