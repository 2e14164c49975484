# Labels that a person thinks are there and that are not taken are said, under --quiet too.
png=$SOURCE/tests/golden/images/rgb.png
mkdir members && cd members
for i in 0 1; do cp "$png" "$i.png" && echo "{\"label\": $i}" >"$i.json" && echo "$i" >"$i.CLS"; done
tar -cf ../json.tar 0.png 0.json 1.png 1.json
tar -cf ../upper.tar 0.png 0.CLS 1.png 1.CLS
tar -cf ../some.tar 0.png 0.CLS 1.png
tar -cf ../lost.tar 0.png 0.CLS 1.CLS
cd ..
pack() { "$ESPALIER" pack --quiet --format "$1" --source "$2" --out "$3"; }
expect 0 "no image has a label: the label of KEY.png is in a member KEY.cls; there are 2 .json" pack tar json.tar json
pack tar upper.tar upper >said 2>&1
! grep -q " W " said || fail "a whole set is warned about: $(cat said)"
expect 0 "2 classes" "$ESPALIER" inspect upper
expect 0 "1 of 2 images have no label" pack tar some.tar some
expect 0 "1 labels belong to no image, as 1.cls" pack tar lost.tar lost

/usr/bin/python3 - <<'PYTHON'
import h5py, numpy, pathlib, struct
images, labels = numpy.zeros((2, 4, 4), "u1"), numpy.arange(2, dtype="u1")
for folder in ("together", "apart/images", "apart/labels"):
    pathlib.Path(folder).mkdir(parents=True)
for name in ("together", "apart/images"):
    pathlib.Path(name, "x-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, 2, 4, 4) + images.tobytes())
for name in ("together", "apart/labels"):
    pathlib.Path(name, "x-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 2) + labels.tobytes())
with h5py.File("arrays.h5", "w") as file:
    file["images"], file["targets"] = images, labels
PYTHON
pack idx together/x together_packed >said 2>&1
! grep -q " W " said || fail "a whole set is warned about: $(cat said)"
expect 0 "x-images-idx3-ubyte has no file of labels beside it" pack idx apart/images/x apart_packed
expect 0 "no array labels, label or y" pack hdf5 arrays.h5 arrays

# A part of CIFAR's files, and a folder of an exported set that would come back as a class.
mkdir cifar && head -c 6146 /dev/zero >cifar/data_batch_1.bin && cp cifar/data_batch_1.bin cifar/data_batch_3.bin
expect 0 "only 2 of 5 training files are there, the last is data_batch_3.bin" pack cifar cifar cifar_packed
expect 0 "1 images have no class and are in exported/unlabeled" "$ESPALIER" export some --quiet --format folder --out exported
