# Packing the way a person does it: any rank count gives the same bytes, damage is named, h5py reads the result.
small=$SOURCE/tests/pack/small.jpg

# Images that differ by a comment: JPEGs of 945 bytes, 20 x 24 pixels.
number=1000
for class in cat dog "red fox"; do
  mkdir -p "images/$class"
  for i in 1 2 3 4 5 6 7; do
    number=$((number + 1))
    { head -c 2 "$small"; printf '\xff\xfe\x00\x06%04d' "$number"; tail -c +3 "$small"; } >"images/$class/$i.jpg"
  done
done
flags=(--format image_folder --storage encoded --shard-size 3000)

for ranks in 1 2 3; do
  mpi "$ranks" pack --source images "${flags[@]}" --threads "$ranks" --out "packed$ranks"
  cmp packed1/SHA256SUMS "packed$ranks/SHA256SUMS" || fail "$ranks ranks wrote other bytes"
done
[ "$(ls packed1/shard-*.h5 | wc -l)" -eq 7 ] || fail "21 images of 945 bytes are not 7 shards of 3"
(cd packed3 && sha256sum --quiet -c SHA256SUMS) || fail "sha256sum does not agree"
grep -q skipped.tsv packed1/SHA256SUMS || fail "skipped.tsv is not in SHA256SUMS"
expect 0 "21 images in 7 shards" "$ESPALIER" verify packed1
expect 0 '"samples": 21' "$ESPALIER" inspect packed1 --json
expect 0 "red fox" "$ESPALIER" inspect packed1

# The reader printed in the docs, as it is printed there.
sed -n '/^```python$/,/^```$/p' "$SOURCE/docs/shard_format.md" | grep -v '^```' >reader.py
[ "$(wc -l <reader.py)" -eq 5 ] || fail "the reader of docs/shard_format.md has not 5 lines"
expect 0 ".jpg" /usr/bin/python3 reader.py packed1/shard-00002.h5 1
expect 0 " 20 24" /usr/bin/python3 reader.py packed1/shard-00006.h5 2

# A flipped byte in the middle of an image: the key that the reader prints is the key that verify names.
key=$(/usr/bin/python3 reader.py packed2/shard-00003.h5 1 | sed 's/ [0-9-]* 20 24$//')
at=$(/usr/bin/python3 -c 'import h5py; f = h5py.File("packed2/shard-00003.h5"); print(f["data"].id.get_offset() + f["offset"][1] + 500)')
printf '\x00\x00' | dd of=packed2/shard-00003.h5 bs=1 seek="$at" conv=notrunc status=none
expect 3 "shard-00003.h5: sample $key is damaged" "$ESPALIER" verify packed2

# A JPEG that ends early.
cp -r images broken
head -c 600 "$small" >broken/dog/3.jpg
head -c 300 "$small" >broken/dog/5.jpg
expect 3 "dog/3.jpg" mpi 2 pack --source broken "${flags[@]}" --out never
[ -z "$(ls never)" ] || fail "a refused pack left files"
expect 0 "19 images (2 skipped" mpi 2 pack --source broken "${flags[@]}" --on-corrupt skip --out skipped
[ "$(cut -f 1 skipped/skipped.tsv | tr '\n' ' ')" = "dog/3.jpg dog/5.jpg " ] || fail "skipped.tsv names others"

# The order of the rest does not change with what is skipped.
keys() { for shard in "$1"/shard-*.h5; do for i in 0 1 2; do /usr/bin/python3 reader.py "$shard" $i 2>/dev/null || true; done; done; }
diff <(keys packed1 | grep -v -e '^dog/3' -e '^dog/5') <(keys skipped) || fail "a bad image moved the others"

# Once they are whole again, the pack that was refused decodes these two and no others.
cp images/dog/[35].jpg broken/dog
expect 0 "19 images were already examined" "$ESPALIER" pack --source broken "${flags[@]}" --out never
cmp packed1/SHA256SUMS never/SHA256SUMS || fail "a pack that was refused first came to other bytes"

# Starting again what is finished changes nothing; another pack is refused.
mpi 2 pack --source images "${flags[@]}" --out packed1
cmp packed1/SHA256SUMS packed3/SHA256SUMS || fail "packing again wrote other bytes"
expect 2 "another pack" mpi 2 pack --source images "${flags[@]}" --seed 1 --out packed1
[ -z "$(find packed1 -name '.*' -type f)" ] || fail "a pack that was refused left files in another's folder"
expect 2 "is not empty" "$ESPALIER" pack --source images "${flags[@]}" --out images
mkdir held
expect 2 "another pack is writing into held" flock held/.pack.lock "$ESPALIER" pack --source images "${flags[@]}" --out held
mpi 2 pack --source images "${flags[@]}" --out held --quiet
cmp packed1/SHA256SUMS held/SHA256SUMS || fail "a lock that nobody holds stopped a pack"
[ "$(ls -A held)" = "$(ls -A packed1)" ] || fail "the lock was left"
cp packed1/shard-00000.h5 packed1/shard-00007.h5
expect 3 "shard-00007.h5 is not a shard of this set" "$ESPALIER" verify packed1
rm packed1/shard-00007.h5

# kill -9 at twenty points: started again, the bytes are those of a pack that nobody disturbed.
/usr/bin/python3 - "$small" <<'PYTHON'
import pathlib, sys
jpeg = pathlib.Path(sys.argv[1]).read_bytes()
pathlib.Path("many").mkdir()
for i in range(600):
    pathlib.Path(f"many/{i:03}.jpg").write_bytes(jpeg[:2] + b"\xff\xfe\x00\x06%04d" % i + jpeg[2:])
PYTHON
many=(pack --source many --format image_folder --storage encoded --shard-size 20000 --quiet)
began=$(date +%s%N)
"$ESPALIER" "${many[@]}" --out undisturbed
lasts=$((($(date +%s%N) - began) / 1000000))
RANDOM=4 killed=0
for run in $(seq 20); do
  rm -rf killed
  "$ESPALIER" "${many[@]}" --threads 2 --out killed >killed.out &
  pid=$!
  sleep "$(printf '%d.%03d' $((lasts * RANDOM / 32768 / 1000)) $((lasts * RANDOM / 32768 % 1000)))"
  kill -9 "$pid" 2>/dev/null && killed=$((killed + 1))
  wait "$pid" 2>/dev/null || true
  mpi "$((run % 2 + 1))" "${many[@]}" --out killed >killed.out
  cmp undisturbed/SHA256SUMS killed/SHA256SUMS || fail "a pack that was killed came to other bytes"
  [ -z "$(find killed -name '.*.partial')" ] || fail "a pack that was killed left files"
done
[ "$killed" -gt 10 ] || fail "only $killed packs were killed"
expect 0 "sound, 600 images" "$ESPALIER" verify --deep killed

# A set comes back from a tar and from a folder; two sets become one.
"$ESPALIER" export packed1 --format tar --out out.tar --quiet
"$ESPALIER" pack --source out.tar --format tar --out from_tar --quiet
expect 0 "red fox" "$ESPALIER" inspect from_tar
"$ESPALIER" export packed1 --format folder --out out_folder --quiet
[ "$(find out_folder -name '*.jpg' | wc -l)" -eq 21 ] || fail "export lost images"
cmp "images/red fox/3.jpg" "out_folder/red fox/3.jpg" || fail "export changed an image"
expect 3 "try: --prefix-keys" "$ESPALIER" merge packed1 from_tar --out both
mpi 2 merge packed1 from_tar --prefix-keys --out both --quiet
expect 0 "42 images" "$ESPALIER" inspect both
printf 'path,label\nimages/cat/1.jpg,cat\nimages/cat/1.jpg,dog\n' >list.csv
expect 3 "list.csv:3: images/cat/1.jpg is already in line 2" "$ESPALIER" pack --source list.csv --format csv --out never
printf 'path,label\nimages/cat/1.jpg,cat\n"images/red fox/2.jpg","red fox"\n' >list.csv
"$ESPALIER" pack --source list.csv --format csv --max-side 10 --card card.yaml --out from_csv --quiet
grep -q '"red fox": 1' card.yaml || fail "the card does not count the classes"
expect 0 "resized" "$ESPALIER" inspect from_csv
