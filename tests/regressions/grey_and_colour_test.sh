# A colour network sees grey images as three equal channels, a grey network sees colour ones through to_grey: in training,
# validation, evaluation and transfer.
/usr/bin/python3 - <<'PYTHON'
import numpy, pathlib, struct, zlib

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def png(path, pixels):
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + pixels[y].tobytes() for y in range(height))
    head = struct.pack(">2I5B", width, height, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

draw = numpy.random.default_rng(1)
for kind, shape in (("grey", (12, 12)), ("colour", (12, 12, 3)), ("large", (16, 16, 3)), ("grey-test", (12, 12)),
                    ("colour-test", (12, 12, 3)), ("large-test", (16, 16, 3))):
    for number, name in enumerate(("dark", "bright")):
        for i in range(24):
            pixels = draw.integers(0, 128, shape) + 100 * number
            png(pathlib.Path(kind) / name / f"{i:02d}.png", pixels.astype(numpy.uint8))
PYTHON
for kind in {grey,colour,large}{,-test}; do "$ESPALIER" pack --quiet --source "$kind" --format image_folder --out "$kind.set"; done
cat >tiny.yaml <<'YAML'
data: {batch: 16, threads: 1}
augment: {views: ["flip(p=0.5)"]}
model: {name: conv_bn, widths: [4, 8], pools: 1}
task: {name: supervised}
train: {steps: 6, deadline_seconds: 60}
parallel: {lanes: 2}
YAML
cat >sweep.yaml <<'YAML'
transfer: {labels_per_class: [2], seeds: 1, steps: 3, batch: 4, cuts: [1], modes: [frozen]}
YAML
pretrain() { local out=runs/$1; shift; "$ESPALIER" pretrain tiny.yaml --quiet --out "$out" "$@"; }
transfer() {
  local run=$1 set=$2 out=$3; shift 3
  "$ESPALIER" transfer sweep.yaml --quiet --backbone "runs/$run" --out "runs/$out" data.train="$set.set" data.test="$set-test.set" "$@"
}
channels() { /usr/bin/python3 -c 'import json, sys; print(json.load(open("runs/" + sys.argv[1] + "/backbone.json"))["input"][0])' "$1"; }

# A colour network on grey images.
pretrain colour data.shards=colour.set data.validation=grey.set train.hooks=[validate,knn]
[ "$(channels colour)" = 3 ] || fail "a colour set makes a network of three channels"
expect 0 "accuracy" "$ESPALIER" evaluate runs/colour --data grey.set
expect 0 "scratch" transfer colour grey colour-grey

# A grey network on colour images: refused with what to write, and then right.
pretrain grey data.shards=grey.set
[ "$(channels grey)" = 1 ] || fail "a grey set makes a network of one channel"
expect 2 "to_grey" transfer grey colour grey-colour
expect 2 "to_grey" "$ESPALIER" evaluate runs/grey --data colour.set
expect 2 "to_grey" pretrain no data.shards=grey.set data.validation=colour.set train.hooks=[validate]
expect 0 "scratch" transfer grey colour grey-colour 'augment.views=[to_grey]' augment.evaluate=to_grey

# Trained on the grey of colour images, and on grey images in three channels.
pretrain taken data.shards=colour.set 'augment.views=["flip(p=0.5) | to_grey"]' augment.evaluate=to_grey data.validation=grey.set train.hooks=[validate]
[ "$(channels taken)" = 1 ] || fail "to_grey makes a network of one channel"
expect 0 "scratch" transfer taken grey taken-grey
pretrain widened data.shards=grey.set 'augment.views=[to_rgb]' augment.evaluate=to_rgb
[ "$(channels widened)" = 3 ] || fail "to_rgb makes a network of three channels"
expect 0 "scratch" transfer widened colour widened-colour 'augment.views=[""]'

# Another size of images says what to write, too.
expect 2 "try: resize(12, 12) at the end of augment.views" transfer colour large large
