# For scripts that sweep: what training.sh makes, a packed test set of 256 other images, a backbone in run/ and
# sweep.yaml, a sweep of two cuts that takes about a second. Source it.
source "$SOURCE/tests/program/training.sh"

# image_set OUT FIRST COUNT [LABEL...]: a packed set of Fashion-MNIST's test half, of images FIRST to FIRST + COUNT;
# where labels are given, of those classes alone.
image_set() {
  local out=$1
  /usr/bin/python3 - "$@" <<'PYTHON'
import gzip, struct, sys
out, first, count, *classes = sys.argv[1:]
half = "/usr/share/datasets/fashion-mnist/t10k-"
pixels = gzip.open(half + "images-idx3-ubyte.gz").read()[16:]
labels = gzip.open(half + "labels-idx1-ubyte.gz").read()[8:]
chosen = [i for i in range(int(first), int(first) + int(count)) if not classes or str(labels[i]) in classes]
with open(f"{out}-images-idx3-ubyte", "wb") as file:
    file.write(struct.pack(">4i", 2051, len(chosen), 28, 28) + b"".join(pixels[784 * i:784 * i + 784] for i in chosen))
with open(f"{out}-labels-idx1-ubyte", "wb") as file:
    file.write(struct.pack(">2i", 2049, len(chosen)) + bytes(labels[i] for i in chosen))
PYTHON
  "$ESPALIER" pack --quiet --source "$out" --format idx --out "$out" --shard-size 100000
}

image_set test 512 256
cat >sweep.yaml <<'YAML'
data: {train: data, test: test}
transfer: {modes: [frozen, tuned], kept_lr_factor: 0.1, labels_per_class: [4], seeds: 2, steps: 10}
optim: {name: sgd, lr: 0.05}
YAML
train 1 run train.steps=2

# sweep OUT [key=value ...]
sweep() { "$ESPALIER" transfer sweep.yaml --backbone run --out "$@"; }
