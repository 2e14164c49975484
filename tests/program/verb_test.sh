# Verbs that look: each teaches with an example and does what the example says.
source "$SOURCE/tests/program/training.sh"

expect 0 "espalier pack" "$ESPALIER" --help
verbs=$("$ESPALIER" list verb | sed -n 's/^  \([a-z-]*\) .*/\1/p')
for verb in augment bench describe doctor embed evaluate export history inspect list merge neighbours pack predict preview \
  pretrain report runs simulate-epoch summary verify; do
  grep -qx "$verb" <<<"$verbs" || fail "there is no verb $verb"
done
for verb in $verbs; do
  expect 0 "Example" "$ESPALIER" "$verb" --help
  grep -q "espalier $verb" expect.out || fail "the help of $verb has no command to copy"
done
expect 2 "did you mean 'pretrain'" "$ESPALIER" pretrane
expect 2 "--colour" "$ESPALIER" list --colour
expect 2 "pretrane" mpi 3 pretrane
expect 2 "runs on one process" mpi 2 summary cnn
[ "$(grep -c ' E \[' expect.out)" -eq 1 ] || fail "two ranks say the same"

expect 0 "rotation" "$ESPALIER" list task
expect 2 "task" "$ESPALIER" list taks
for plugin in $("$ESPALIER" list --json | /usr/bin/python3 -c '
import json, sys
for kind, plugins in json.load(sys.stdin).items():
    if kind not in ("verb", "communicator", "format"): print(*plugins)'); do
  expect 0 "$plugin" "$ESPALIER" describe "$plugin"
done
expect 2 "did you mean 'simclr'" "$ESPALIER" describe simclrr

expect 0 "122,570" "$ESPALIER" summary cnn
expect 0 "[N, 64, 4, 4]" "$ESPALIER" summary cnn
expect 0 "[N, 8, 14, 14]" "$ESPALIER" summary tiny.yaml model.pools=1
for backbone in $("$ESPALIER" list --json | /usr/bin/python3 -c 'import json, sys; print(*json.load(sys.stdin)["backbone"])'); do
  expect 0 "total" "$ESPALIER" summary "$backbone"
done
"$ESPALIER" summary cnn --json | /usr/bin/python3 -c 'import json, sys; assert json.load(sys.stdin)["parameters"] == 122570'

expect 0 "images" "$ESPALIER" preview data --out grid.png
[ "$(head -c 8 grid.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "the preview is no PNG"
expect 3 "nowhere" "$ESPALIER" preview nowhere --out no.png

# A supervised run, its score, and its page.
"$ESPALIER" pack --quiet --source small --format idx --out again --shard-size 100000 --seed 1
train 2 run task.name=supervised optim.name=adamw optim.lr=0.02 train.steps=120 train.hooks=[validate] data.validation=again
expect 0 "512 images" "$ESPALIER" evaluate run
"$ESPALIER" evaluate run --json >score.json
/usr/bin/python3 - <<'PYTHON'
import json
score = json.load(open("score.json"))
last = [json.loads(line) for line in open("run/metrics.jsonl")][-1]
assert score["images"] == 512 and score["accuracy"] > 0.3, score
assert abs(score["accuracy"] - last["val_accuracy"]) < 0.005, (score, last)
assert abs(score["loss"] - last["val_loss"]) < 0.01, (score, last)
by_class = [one["accuracy"] for one in score["classes"]]
assert abs(score["balanced_accuracy"] - sum(by_class) / len(by_class)) < 1e-9, score
assert 0.5 < score["auroc"] <= 1 and 0 < score["macro_f1"] <= 1 and 0 <= score["calibration_error"] < 0.7, score
PYTHON
expect 0 "total" "$ESPALIER" summary run
train 1 rotation train.steps=2
expect 2 "does not predict" "$ESPALIER" evaluate rotation --data again
expect 2 "data is a packed set" "$ESPALIER" evaluate data
"$ESPALIER" report run rotation --out page.html
grep -q "<svg" page.html || fail "the page has no curve"

# What leaves nothing to guess: doctor knows this start.
expect 0 "this start has 1 rank" "$ESPALIER" doctor

# Views: what was drawn makes the same pixels again; explicit ops are what they say.
/usr/bin/python3 - <<'PYTHON'
import struct, zlib
rows = b"".join(b"\0" + bytes((x * y + 7 * c) % 256 for x in range(53) for c in range(3)) for y in range(37))
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 53, 37, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
open("image.png", "wb").write(png)
PYTHON
expect 0 "view 1: " "$ESPALIER" augment image.png --recipe "byol(size=32)" --seed 7 --out views.png
"$ESPALIER" augment image.png --recipe "byol(size=32)" --seed 7 --out again.png --json >drawn.json
cmp views-1.png again-1.png || fail "the same seed drew other views"
ops=$(/usr/bin/python3 -c 'import json; print(json.load(open("drawn.json"))[1]["ops"])')
expect 0 "view 0: $ops" "$ESPALIER" augment image.png --ops "$ops" --out spelled.png
cmp views-1.png spelled.png || fail "the ops that were drawn make other pixels"
expect 0 "[3, 48, 64]" bash -c '"$ESPALIER" augment image.png --ops "crop(3,5,30,31) | resize(48,64,bicubic) | hue(0.1)" --out out.png --json | tr -d "\n " | sed "s/,/, /g"'
expect 2 "did you mean 'flip'" "$ESPALIER" augment image.png --ops flup --out no.png
expect 2 "did you mean 'byol'" "$ESPALIER" augment image.png --recipe bjol --out no.png
expect 2 "neither --ops nor --recipe" "$ESPALIER" augment image.png --out no.png
expect 2 "'no.jpg' is not the name of a PNG" "$ESPALIER" augment image.png --ops flip --out no.jpg
expect 3 "tiny.yaml" "$ESPALIER" augment tiny.yaml --ops flip --out no.png
expect 0 "3 of 512 images" "$ESPALIER" preview data --augment simclr_cifar --count 3 --out rows.png
