# A key with a newline or an escape sequence makes neither two lines of a message nor two of skipped.tsv.
mkdir -p set/cat
cp "$SOURCE/tests/pack/small.jpg" set/cat/good.jpg
name=$(printf 'a\nb\tc\033[31m\\.jpg')
printf 'GIF89a' >"set/cat/$name"
printed='cat/a\nb\tc\x1b[31m\\.jpg'
expect 3 "espalier: $printed: a GIF image" "$ESPALIER" pack --quiet --source set --format image_folder --out never
[ "$(wc -l <expect.out)" -eq 1 ] || fail "the message has $(wc -l <expect.out) lines"
"$ESPALIER" pack --quiet --source set --format image_folder --on-corrupt skip --out packed >/dev/null 2>&1
[ "$(cat packed/skipped.tsv)" = "$printed$(printf '\t')a GIF image, neither JPEG nor PNG" ] || fail "$(cat packed/skipped.tsv)"

# The same of a fault that verify finds, and of a path.
cp "$SOURCE/tests/pack/small.jpg" "set/cat/$name"
"$ESPALIER" pack --quiet --source set --format image_folder --storage encoded --out both >/dev/null
/usr/bin/python3 - <<'PYTHON'
import h5py
with h5py.File("both/shard-00000.h5") as f:
    at, end = f["data"].id.get_offset(), int(f["offset"][-1])
with open("both/shard-00000.h5", "r+b") as file:
    file.seek(at)
    file.write(bytes(end))
PYTHON
expect 3 "sample $printed is damaged" "$ESPALIER" verify both
expect 4 'no\nwhere' "$ESPALIER" augment "$(printf 'no\nwhere')" --ops grey --out grey.png
[ "$(wc -l <expect.out)" -eq 1 ] || fail "a path breaks the line"
