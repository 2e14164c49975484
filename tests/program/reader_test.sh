# Reading: the order and the bits of a run do not depend on how samples are read; what an epoch would do is foretold.
source "$SOURCE/tests/program/training.sh"

# The verb that foretells an epoch.
for ranks in 1 2 3 5 8 64; do
  expect 0 "coverage   exact" "$ESPALIER" simulate-epoch data --ranks "$ranks" --batch 97 --epochs 2
done
"$ESPALIER" simulate-epoch data --ranks 4 --batch 64 --json | /usr/bin/python3 -c '
import json, sys
facts = json.load(sys.stdin)
assert facts["coverage_exact"] and facts["samples"] == 512 and facts["samples_of_a_rank"] == [16, 16], facts
assert abs(facts["classes_in_a_batch"] - facts["classes_in_a_batch_of_a_shuffle"]) < 0.5, facts
assert facts["memory_bytes"] > 0 and facts["order"]["block"] == 1, facts'
expect 2 "cannot be shared" "$ESPALIER" simulate-epoch data --ranks 64 --batch 32
expect 3 "is not a packed data set" "$ESPALIER" simulate-epoch nowhere --ranks 2

# Every way of reading, checksums or not, threads or not: the same bits on one rank and on two.
train 1 plain
for read in sample block local_copy; do
  train 2 "$read" data.read="$read" data.copy_folder=local data.verify=always data.threads=2
  same_bits plain "$read" 20
done
[ "$(cat local/*/shard-*.h5 | sha256sum)" = "$(cat data/shard-*.h5 | sha256sum)" ] || fail "the copied shards differ"
train 1 unchecked data.verify=never data.threads=1
same_bits plain unchecked 20

# What is said at the start, and what is refused.
mpi 2 pretrain tiny.yaml --out said data.read=sample >said.out 2>&1
grep -q "read by sample: asked for" said.out || fail "the way of reading is not logged"
grep -Eq "they take at most [0-9,]+ MB" said.out || fail "the bound of memory is not logged"
expect 2 "data.max_memory is 1 MB" mpi 2 pretrain tiny.yaml --quiet --out small data.max_memory=1000000
expect 2 "data.copy_folder is empty" mpi 2 pretrain tiny.yaml --quiet --out nocopy data.read=local_copy
expect 2 "data.threads is '0'" mpi 2 pretrain tiny.yaml --quiet --out nothreads data.threads=0
/usr/bin/python3 -c '
import json
rows = [json.loads(line) for line in open("said/metrics.jsonl")]
assert all(0 <= row["data_wait"] <= 1 for row in rows), rows'

# A damaged sample is named, by shard and key, and a checksum that is not asked for is not made.
cp -r data damaged
at=$(/usr/bin/python3 -c 'import h5py; f = h5py.File("damaged/shard-00001.h5"); print(f["images"].id.get_offset() + 300)')
printf '\x55' | dd of=damaged/shard-00001.h5 bs=1 seek="$at" conv=notrunc status=none
expect 3 "shard-00001.h5: sample" mpi 2 pretrain tiny.yaml --quiet --out bad data.shards=damaged
train 1 blind data.shards=damaged data.verify=never
expect 3 "SHA-256" mpi 2 pretrain tiny.yaml --quiet --out bad2 data.shards=damaged data.read=local_copy data.copy_folder=local2
rm damaged/shard-00002.h5
expect 3 "shard-00002.h5 is missing" mpi 2 pretrain tiny.yaml --quiet --out bad3 data.shards=damaged

# The benchmark names its floor.
expect 0 "pread, random" "$ESPALIER" bench read data --rounds 1 samples=100
"$ESPALIER" bench read data --rounds 1 samples=100 --json 2>/dev/null | /usr/bin/python3 -c '
import json, sys
rows = {row["name"]: row for row in json.load(sys.stdin)["rows"]}
assert rows["Dataset, no checksum, random"]["floor"] == "pread, random", rows'
expect 2 "there is no benchmark named 'raed'" "$ESPALIER" bench raed data
expect 2 "sampels" "$ESPALIER" bench read data sampels=3
expect 0 "open and first batch" "$ESPALIER" bench index --rounds 1 samples=1000
