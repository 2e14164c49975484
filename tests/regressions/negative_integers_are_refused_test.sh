# An integer option that cannot be negative says so, for every verb that has one; none wraps around.
cp "$SOURCE/tests/pack/small.jpg" image.jpg
mkdir images && cp image.jpg images
"$ESPALIER" pack --quiet --source images --format image_folder --out packed >/dev/null
expect 2 "--seed" "$ESPALIER" pack --source images --format image_folder --out never --seed -1
expect 2 "--seed: -1 is below 0 (try: 0)" "$ESPALIER" preview packed --out grid.png --seed -1
for option in --seed --epoch --sample; do
  expect 2 "$option: -1 is below 0 (try: 0)" "$ESPALIER" augment image.jpg --ops grey --out grey.png "$option" -1
done
expect 2 "is too large" "$ESPALIER" preview packed --out grid.png --seed 99999999999999999999
expect 2 "--seed" "$ESPALIER" simulate-epoch packed --ranks 1 --batch 1 --seed -1
expect 2 "--seed" "$ESPALIER" simulate-epoch packed --ranks 1 --batch 1 --seed 99999999999999999999
expect 2 "--threads: Value 99999 not in range 1" "$ESPALIER" pack --source images --format image_folder --out never --threads 99999
expect 2 "--threads: Value -1 not in range 1 to 1024" "$ESPALIER" export packed --format folder --out never --threads -1
expect 2 "--classes" "$ESPALIER" summary cnn --classes -5
expect 2 "--input" "$ESPALIER" summary cnn --input -3 32 32
expect 0 "grid.png" "$ESPALIER" preview packed --out grid.png --seed 18446744073709551615
