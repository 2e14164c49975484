# Classes 1, 2 and 10 mean the same in a csv and in an IDX file, whichever way each of them numbers its classes.
/usr/bin/python3 - <<'PYTHON'
import os, random, struct, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def images(seed):
    draw = random.Random(seed)
    for i in range(60):
        label, grey = ((1, 20), (2, 128), (10, 235))[i % 3]
        yield label, bytes(grey + draw.randint(-20, 20) for _ in range(64))
os.mkdir("png")
with open("train.csv", "w") as table:
    table.write("path,label\n")
    for i, (label, grey) in enumerate(images(1)):
        rows = b"".join(b"\0" + grey[y * 8:y * 8 + 8] for y in range(8))
        with open(f"png/{i}.png", "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
        table.write(f"png/{i}.png,{label}\n")
labels, greys = zip(*images(2))
open("test-images-idx3-ubyte", "wb").write(struct.pack(">4i", 2051, 60, 8, 8) + b"".join(greys))
open("test-labels-idx1-ubyte", "wb").write(struct.pack(">2i", 2049, 60) + bytes(labels))
PYTHON
"$ESPALIER" pack --quiet --source train.csv --format csv --out train.set
"$ESPALIER" pack --quiet --source test --format idx --out test.set
source "$SOURCE/tests/regressions/colours.sh"
colour_run csv train.hooks=[validate] data.validation=test.set
is "$(value csv val_accuracy)" 1.0 "the accuracy on IDX files of a network that was trained from a csv"
colour_run idx data.shards=test.set train.hooks=[validate] data.validation=train.set
is "$(value idx val_accuracy)" 1.0 "the accuracy on a csv of a network that was trained from IDX files"
