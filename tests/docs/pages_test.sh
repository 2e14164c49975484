# The commands of pages that teach by commands, as they are printed there. Only what takes long is made shorter: training
# has three steps, the sweep one cut and two seeds, and the sets are small.
mkdir build images && ln -s "$ESPALIER" build/espalier && ln -s "$SOURCE/configs" configs

# Parts of Fashion-MNIST for the files that the page names, and its images cut to several sizes for photos.
/usr/bin/python3 - <<'PYTHON'
import gzip, pathlib, struct, zlib
half = "/usr/share/datasets/fashion-mnist/t10k-"
pixels = gzip.open(half + "images-idx3-ubyte.gz").read()[16:]
labels = gzip.open(half + "labels-idx1-ubyte.gz").read()[8:]
for name, first, count in (("train", 0, 512), ("t10k", 512, 128)):
    head = struct.pack(">4i", 2051, count, 28, 28), struct.pack(">2i", 2049, count)
    pathlib.Path(f"images/{name}-images-idx3-ubyte").write_bytes(head[0] + pixels[784 * first:784 * (first + count)])
    pathlib.Path(f"images/{name}-labels-idx1-ubyte").write_bytes(head[1] + labels[first:first + count])

def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(rows): return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))
for label, name in ((1, "heron"), (5, "kingfisher"), (8, "wagtail")):
    folder = pathlib.Path("photos", name)
    folder.mkdir(parents=True)
    for number, i in enumerate([i for i in range(1000, 2000) if labels[i] == label][:30]):
        rows = [pixels[784 * i + 28 * y:784 * i + 28 * y + 28 - number % 3] for y in range(28 - number % 5)]
        (folder / f"{number:02}.png").write_bytes(png(rows))
PYTHON

shorter() {
  sed -e 's#/usr/share/datasets/fashion-mnist/#images/#g' -e '/ pretrain /s#$# train.steps=3#' \
    -e '/ transfer /s#$# transfer.steps=[3] transfer.seeds=2 transfer.cuts=[3] transfer.labels_per_class=[10]#' \
    -e '/ fit /s#$# transfer.steps=[3]#'
}

run_page() {
  local commands
  commands=$(sed -n '/^```sh$/,/^```$/p' "$SOURCE/docs/$1" | grep -v '^```' | shorter)
  [ "$(grep -c '^build/espalier' <<<"$commands")" -ge 8 ] || fail "docs/$1 has hardly any commands"
  echo "$commands" >"$1.sh"
  bash -euo pipefail -x "$1.sh" </dev/null >"$1.log" 2>&1 || { tail -5 "$1.log"; fail "a command of docs/$1"; }
}

run_page from_keras.md
for file in grid.png history.html predictions.html features.npy keras-pth/load.py; do [ -s "$file" ] || fail "from_keras.md left no $file"; done
run_page your_photos.md
for file in photos.png neighbours.png photos.html predictions.html; do [ -s "$file" ] || fail "your_photos.md left no $file"; done
[ "$(find photos-test -name '*.png' | wc -l)" -eq 18 ] || fail "a fifth of the photos was not moved"
