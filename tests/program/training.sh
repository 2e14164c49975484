# For scripts that train: a packed set of 512 real images and a configuration small enough for a second a run.
# Source it; the working folder then holds data/ and tiny.yaml.

# The first COUNT images of Fashion-MNIST's test half, as IDX files.
first_images() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import gzip, struct, sys
count = int(sys.argv[1])
half = "/usr/share/datasets/fashion-mnist/t10k-"
for kind, head in (("images-idx3", struct.pack(">4i", 2051, count, 28, 28)),
                   ("labels-idx1", struct.pack(">2i", 2049, count))):
    size = 784 if "images" in kind else 1
    with gzip.open(half + kind + "-ubyte.gz") as whole, open(f"small-{kind}-ubyte", "wb") as part:
        part.write(head + whole.read()[len(head):len(head) + count * size])
PYTHON
}

first_images 512
"$ESPALIER" pack --quiet --source small --format idx --out data --shard-size 100000

cat >tiny.yaml <<'YAML'
data: {shards: data, batch: 32}
augment:
  views: ["padded_crop(size=28, padding=2) | flip(p=0.5)"]
model: {name: conv_bn, widths: [4, 8], norm: batch}
task: {name: rotation}
optim: {name: sgd, lr: 0.005, schedule: cosine}
train: {steps: 20, log_steps: 1, deadline_seconds: 60}
parallel: {lanes: 4}
YAML

# train RANKS OUT [key=value | --resume ...]: one run of the tiny configuration.
train() { local ranks=$1 out=$2; shift 2; mpi "$ranks" pretrain tiny.yaml --quiet --out "$out" "$@"; }

# The bits of a run after STEP steps.
bits() { (cd "$1/checkpoints/step-$(printf %08d "$2")" && sha256sum model.safetensors task.safetensors optim.safetensors); }

same_bits() { [ "$(bits "$1" "$3")" = "$(bits "$2" "$3")" ] || fail "$1 and $2 differ after step $3"; }

# The rows of a run's metrics.jsonl are steps 1 to LAST, each once, with the losses of run LIKE.
same_metrics() {
  /usr/bin/python3 - "$1" "$2" "$3" <<'PYTHON' || fail "the metrics of $1 are not those of $2"
import json, sys
rows, like = ([json.loads(line) for line in open(run + "/metrics.jsonl")] for run in sys.argv[1:3])
assert [row["step"] for row in rows] == list(range(1, int(sys.argv[3]) + 1)), [row["step"] for row in rows]
for name in ("epoch", "loss", "lr", "accuracy"):
    assert [row[name] for row in rows] == [row[name] for row in like], name
PYTHON
}
