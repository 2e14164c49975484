# Links that lead back to a folder on their way are said and not followed; others are.
mkdir -p set/a elsewhere/b
cp "$SOURCE/tests/pack/small.jpg" set/a/1.jpg
cp "$SOURCE/tests/pack/small.jpg" elsewhere/b/2.jpg
ln -s .. set/a/up
ln -s "$PWD/elsewhere/b" set/b
ln -s "$PWD/set/a" elsewhere/b/back
ln -s self set/a/self
expect 0 "links lead back to a folder that holds them and are not followed, as " \
  "$ESPALIER" pack --quiet --source set --format image_folder --out packed
# b/back is no loop seen from b, and holds a's image once more.
expect 0 '"samples": 3' "$ESPALIER" inspect packed --json
/usr/bin/python3 - <<'PYTHON' || fail "other files than those were packed"
import h5py
f = h5py.File("packed/index.h5")
o, keys = f["key_offset"][:], f["key"][:].tobytes().decode()
got = sorted(keys[o[i]:o[i + 1]] for i in range(len(o) - 1))
assert got == ["a/1.jpg", "b/2.jpg", "b/back/1.jpg"], got
PYTHON
