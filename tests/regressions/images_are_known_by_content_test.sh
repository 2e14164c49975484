# No image is lost for its name: .jfif, no extension, dots in a tar's member names. What is no image stays out.
jpeg=$SOURCE/tests/pack/small.jpg png=$SOURCE/tests/golden/images/rgb.png

mkdir -p folder/cat folder/dog
cp "$jpeg" folder/cat/1.jfif
cp "$jpeg" folder/cat/2
cp "$png" folder/dog/3.dat
cp "$png" folder/dog/4.png
echo '{"images": 4}' >folder/dog/notes.json
cp "$png" folder/dog/.hidden.png
printf 'resource' >folder/dog/._4.png
expect 0 "1 images are left out: 1 .png" "$ESPALIER" pack --quiet --source folder --format image_folder --out packed
[ "$(cat packed/skipped.tsv)" = "$(printf 'dog/.hidden.png\thidden')" ] || fail "skipped.tsv: $(cat packed/skipped.tsv)"
expect 0 '"samples": 4' "$ESPALIER" inspect packed --json

mkdir only && cp "$jpeg" only/a.jfif && cp "$jpeg" only/b
"$ESPALIER" pack --quiet --source only --format image_folder --out only_packed
expect 0 '"samples": 2' "$ESPALIER" inspect only_packed --json
mkdir nothing && echo text >nothing/a.txt
expect 3 "holds no images; 1 files are not images by name or content: 1 .txt" \
  "$ESPALIER" pack --source nothing --format image_folder --out never

# Every image of the tar, each with the class of its own key.
mkdir members && cd members
for i in 0 1 2 3; do cp "$png" "000$i.5.png" && echo "$i" >"000$i.5.cls"; done
cp "$jpeg" 0004 && echo 4 >0004.cls
cp "$jpeg" 0005.left.jfif && cp "$jpeg" 0005.right.JPG && echo 5 >0005.cls
ln -s 0004 link.png
tar -cf ../set.tar -- *
cd ..
expect 0 "1 images are left out: 1 .png" "$ESPALIER" pack --quiet --source set.tar --format tar --out from_tar
[ "$(cat from_tar/skipped.tsv)" = "$(printf 'link.png\ta link')" ] || fail "skipped.tsv: $(cat from_tar/skipped.tsv)"
/usr/bin/python3 - <<'PYTHON' || fail "an image of the tar lost its class"
import h5py
f = h5py.File("from_tar/index.h5")
o, keys = f["key_offset"][:], f["key"][:].tobytes().decode()
got = {keys[o[i]:o[i + 1]]: int(f["label"][i]) for i in range(len(o) - 1)}
want = {f"000{i}.5.png": i for i in range(4)} | {"0004": 4, "0005.left.jfif": 5, "0005.right.JPG": 5}
assert got == want, got
PYTHON
