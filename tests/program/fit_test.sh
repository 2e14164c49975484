# fit keeps the network of one arm: the one that the sweep measured; every verb that uses a network takes it.
source "$SOURCE/tests/program/sweeping.sh"
cat >one.yaml <<'YAML'
data: {train: data, test: test}
transfer: {modes: [tuned], cuts: [2], kept_lr_factor: 0.5, labels_per_class: [4], seeds: 1, steps: 10}
optim: {name: sgd, lr: 0.05}
YAML
"$ESPALIER" transfer one.yaml --quiet --backbone run --out sweep >/dev/null
expect 0 "tuned, factor 0.5, cut 2, 4 labels per class" "$ESPALIER" fit one.yaml --backbone run --cut 2 --labels 4 --out fitted
"$ESPALIER" evaluate fitted --json >score.json
"$ESPALIER" predict fitted test --quiet --json >predicted.json
/usr/bin/python3 - <<'PYTHON'
import csv, json
swept = [row for row in csv.DictReader(open("sweep/cells.csv")) if row["mode"] == "tuned"]
score = json.load(open("score.json"))
assert len(swept) == 1 and abs(float(swept[0]["accuracy"]) - score["accuracy"]) < 1e-9, (swept, score)
images = json.load(open("predicted.json"))["images"]
right = sum(row["class"] == row["label"] for row in images) / len(images)
assert len(images) == 256 and abs(right - score["accuracy"]) < 0.005, (right, score["accuracy"])
fit = json.load(open("fitted/fit.json"))
assert fit["classes"] == [str(c) for c in range(10)] and fit["cut"] == 2 and fit["lr"] == 0.05, fit
PYTHON

expect 0 "classifier (task)" "$ESPALIER" summary fitted
expect 0 "256 images, 8 numbers each" "$ESPALIER" embed fitted test --out rows.csv
expect 0 "validation_accuracy" "$ESPALIER" history fitted
expect 0 "fit       done" "$ESPALIER" runs .
expect 0 "\"tuned\"" "$ESPALIER" transfer one.yaml --quiet --backbone fitted --out again transfer.steps=2 --json
expect 0 "backbone.pth" bash -c '"$ESPALIER" export fitted --format pth --out pth && ls pth'

# Of several rates one is chosen on held-out training images; no test set is needed.
expect 0 "trial runs" "$ESPALIER" fit one.yaml --backbone run --cut 1 --mode frozen --labels 4 --out chosen data.test= "transfer.lr=[0.05, 1e-7]" transfer.folds=2
grep -q '"lr": 0.05' chosen/fit.json || fail "the rate that learns nothing was taken"
expect 2 "names no set to measure on" "$ESPALIER" evaluate chosen
expect 0 "256 images" "$ESPALIER" evaluate chosen --data test

expect 2 "is not empty" "$ESPALIER" fit one.yaml --backbone run --out fitted
expect 2 "--cut is 5, the backbone has 2 stages: conv1, conv2" "$ESPALIER" fit one.yaml --backbone run --cut 5 --out no
expect 2 "--labels is 'few'" "$ESPALIER" fit one.yaml --backbone run --labels few --out no
expect 2 "try: --mode frozen --head linear" "$ESPALIER" fit one.yaml --backbone run --mode knn --out no
expect 2 "it must be one of: frozen" "$ESPALIER" fit one.yaml --backbone run --mode tuend --out no
expect 2 "keep no weights (try: espalier fit" "$ESPALIER" predict sweep test
[ ! -e no ] || fail "a fit that was refused left a folder"
# A fit that was killed is not taken for a model.
mkdir killed && cp fitted/fit.json fitted/config.yaml fitted/backbone.* killed
expect 2 "has not ended" "$ESPALIER" predict killed test
expect 0 "stopped" "$ESPALIER" runs killed
