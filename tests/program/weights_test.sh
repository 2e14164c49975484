# A run begins with the weights of another, rests them, slows them, and says whose they are; what it exports is read.
source "$SOURCE/tests/program/training.sh"

train 1 first train.checkpoint_steps=10 train.keep_checkpoints=5

# SHA-256 over all that a safetensors file holds but running statistics.
parameters() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import hashlib, json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + size])
total = hashlib.sha256()
for name in sorted(header):
    if name == "__metadata__" or "running" in name or "num_batches" in name:
        continue
    begin, end = header[name]["data_offsets"]
    total.update(name.encode() + data[8 + size + begin:8 + size + end])
print(total.hexdigest())
PYTHON
}
same_parameters() { [ "$(parameters "$1")" = "$(parameters "$2")" ]; }

train 1 rested model.weights=first model.warmup_steps=20
same_parameters first/backbone.safetensors rested/backbone.safetensors || fail "weights that rest have moved"
train 1 slow model.weights=first model.weights_lr_factor=0
same_parameters first/backbone.safetensors slow/backbone.safetensors || fail "a rate of 0 has moved weights"
train 1 warmed model.weights=first model.warmup_steps=5
same_parameters first/backbone.safetensors warmed/backbone.safetensors && fail "weights rest after the warm-up"
train 1 middle model.weights=first@10 model.warmup_steps=20
same_parameters first/checkpoints/step-00000010/model.safetensors middle/backbone.safetensors ||
  fail "first@10 is not the checkpoint of step 10"
train 2 warmed2 model.weights=first model.warmup_steps=5
same_bits warmed warmed2 20

grep -q '"parent": null' first/backbone.json || fail "drawn weights have a parent"
sum=$(sha256sum <first/backbone.safetensors | cut -d' ' -f1)
for file in backbone.json provenance.json; do
  grep -q "$sum" "rested/$file" || fail "$file does not name the parent's SHA-256"
done
grep -q weights rested/backbone.json && grep -q '"model":.*weights' rested/backbone.json &&
  fail "the options of a backbone name how its run began"

expect 2 "there is no checkpoint" "$ESPALIER" pretrain tiny.yaml --out no model.weights=first@11
expect 2 "do not fit this backbone" "$ESPALIER" pretrain tiny.yaml --out no model.weights=first "model.widths=[4, 8, 8]"
expect 2 "model.weights is empty" "$ESPALIER" pretrain tiny.yaml --out no model.warmup_steps=5
expect 0 "normalised by mean" "$ESPALIER" pretrain tiny.yaml --out other model.weights=first "augment.mean=[0.9]" "augment.std=[1]"

"$ESPALIER" export first --format pth --out first-pth
train 1 back model.weights=first-pth/backbone.pth model.warmup_steps=20
same_parameters first/backbone.safetensors back/backbone.safetensors || fail "the .pth holds other weights"
grep -q rotation first-pth/README.md && [ -s first-pth/load.py ] || fail "there is no card or program"
expect 2 "has no teacher" "$ESPALIER" export first --format pth --part teacher --out teacher
expect 2 "has no projector" "$ESPALIER" export first --format pth --part projector --out projector
expect 2 "has no conv_bn" "$ESPALIER" export first --format timm --out timm
expect 2 "not an empty folder" "$ESPALIER" export first --format pth --out first-pth
