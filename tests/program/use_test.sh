# Verbs that use a trained network: predict, evaluate, embed, neighbours, and history and runs beside them.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
colours test 6 ant=$red bee=$green cat=$blue
packed train test
colour_run runs/colours data.validation=test.set train.hooks=[validate] train.log_steps=10
"$ESPALIER" pretrain colours.yaml --quiet --out runs/rotation task.name=rotation train.steps=2

# predict: files, folders and packed sets give the same probabilities, and right classes here.
expect 0 "right by folder or label: 18 of 18 (100.0 %)" "$ESPALIER" predict runs/colours test
"$ESPALIER" predict runs/colours test --quiet --json >folder.json
"$ESPALIER" predict runs/colours test.set --quiet --json >set.json
"$ESPALIER" predict runs/colours test/bee/bee000.png --quiet --json >file.json
/usr/bin/python3 - <<'PYTHON'
import json, pathlib
folder, packed, one = (json.load(open(name + ".json"))["images"] for name in ("folder", "set", "file"))
def by_name(images): return {pathlib.Path(row["image"]).name: row for row in images}
assert len(folder) == len(packed) == 18 and by_name(folder).keys() == by_name(packed).keys()
for name, row in by_name(folder).items():
    assert row["label"] == row["class"] == name[:3], row
    assert abs(sum(row["probabilities"].values()) - 1) < 1e-9 and list(row["probabilities"]) == ["ant", "bee", "cat"], row
    assert abs(row["probability"] - by_name(packed)[name]["probability"]) < 1e-6, row
assert abs(one[0]["probability"] - by_name(folder)["bee000.png"]["probability"]) < 1e-6 and "label" not in one[0], one
PYTHON
"$ESPALIER" predict runs/colours test --quiet --html page.html >/dev/null
[ "$(grep -o 'data:image/png' page.html | wc -l)" -eq 18 ] || fail "the page does not show every image"
[ "$("$ESPALIER" predict runs/colours test --quiet --count 4 | grep -c png)" -eq 4 ] || fail "--count 4 shows other than 4 images"
expect 2 "does not predict classes" "$ESPALIER" predict runs/rotation test
expect 2 "try: espalier fit CONFIG.yaml --backbone runs/rotation" "$ESPALIER" predict runs/rotation test
expect 2 "there is no nowhere.png" "$ESPALIER" predict runs/colours nowhere.png
expect 2 "is a packed set, and the first argument is a network" "$ESPALIER" predict test.set test
# What cannot be decoded is said, the others are predicted, and the exit code tells.
mkdir mixed && cp test/ant/*.png mixed && head -c 60 test/bee/bee000.png >mixed/torn.png
expect 3 "mixed/torn.png" "$ESPALIER" predict runs/colours mixed
[ "$(grep -c '  ant 1\?[0-9]' expect.out)" -eq 6 ] || fail "a torn image keeps others from being predicted"
mkdir -p journeys/rome journeys/oslo && cp test/ant/ant00[0-2].png journeys/rome && cp test/cat/cat00[0-2].png journeys/oslo
"$ESPALIER" predict runs/colours journeys --quiet >journeys.txt
! grep -q "rome)\|right by" journeys.txt || fail "folders that are no classes are taken for classes"
# Images of another size name the option that takes them in.
SIDE=12 colours large 2 ant=$red cat=$blue
expect 2 "--evaluate makes views of 3 x 12 x 12" "$ESPALIER" predict runs/colours large
expect 0 "4 of 4" "$ESPALIER" predict runs/colours large --evaluate "resize(8, 8)"

# embed: three kinds of file with the same numbers; a cut has the width of its stage.
for type in npy h5 csv; do
  expect 0 "18 images, 8 numbers each, after stage 1" "$ESPALIER" embed runs/rotation test.set --out "rows.$type" --cut 1
done
"$ESPALIER" embed runs/rotation/backbone.safetensors test.set --quiet --out exported.csv --cut 1
cmp rows.csv exported.csv || fail "the exported backbone has other features than its run"
/usr/bin/python3 - <<'PYTHON'
import csv, struct
data = open("rows.npy", "rb").read()
rows = list(csv.reader(open("rows.csv")))
keys = list(csv.reader(open("rows.npy.csv")))
begin = 10 + struct.unpack("<H", data[8:10])[0]
assert b"".join(struct.pack("<f", float(v)) for row in rows[1:] for v in row[3:]) == data[begin:]
assert [row[:3] for row in rows] == keys and {row[2] for row in keys[1:]} == {"ant", "bee", "cat"}, keys
PYTHON
expect 2 "try: features.npy" "$ESPALIER" embed runs/rotation test.set --out rows.txt
expect 2 "--cut is 9" "$ESPALIER" embed runs/rotation test.set --out rows.csv --cut 9

# neighbours: a planted copy is the nearest pair and finds the image that it was made of.
mkdir twins && cp -r test/. twins && cp twins/ant/ant001.png twins/ant/copy.png && packed twins
"$ESPALIER" neighbours runs/colours twins.set --quiet --json --count 3 --sheet sheet.png >near.json
"$ESPALIER" neighbours runs/colours twins.set --quiet --json --count 2 --query ant/copy.png test/cat/cat003.png >asked.json
/usr/bin/python3 - <<'PYTHON'
import json
near, asked = json.load(open("near.json")), json.load(open("asked.json"))["queries"]
first = near["pairs"][0]
assert {first["first"]["image"], first["second"]["image"]} == {"ant/ant001.png", "ant/copy.png"}, first
assert len(near["pairs"]) == len(near["outliers"]) == 3 and near["searched"] == 19, near
assert asked[0]["neighbours"][0]["image"] == "ant/ant001.png" and len(asked[0]["neighbours"]) == 2, asked
assert asked[1]["neighbours"][0] == {"image": "cat/cat003.png", "class": "cat", "cosine": asked[1]["neighbours"][0]["cosine"]}
PYTHON
[ "$(head -c 4 sheet.png | tail -c 3)" = PNG ] || fail "the sheet is no PNG"
expect 2 "no such key" "$ESPALIER" neighbours runs/colours twins.set --query nowhere
expect 0 "outliers, by mean cosine" "$ESPALIER" neighbours runs/colours twins.set

# history and runs: the numbers of metrics.jsonl.
expect 0 "val_accuracy" "$ESPALIER" history runs/colours --out history.html
grep -q "<svg" history.html || fail "the history has no drawing"
"$ESPALIER" history runs/colours --json >history.json
"$ESPALIER" runs runs --json >runs.json
/usr/bin/python3 - <<'PYTHON'
import json
rows = [json.loads(line) for line in open("runs/colours/metrics.jsonl")]
loss = json.load(open("history.json"))["scalars"]["loss"]
assert loss["steps"] == [row["step"] for row in rows if "loss" in row] and loss["steps"][-1] == 40, loss
runs = {run["path"]: run for run in json.load(open("runs.json"))}
assert set(runs) == {"runs/colours", "runs/rotation"}, runs
assert runs["runs/colours"]["state"] == "done" and runs["runs/colours"]["steps"] == 40, runs
assert runs["runs/colours"]["best"].startswith("val_accuracy 100.0 %"), runs
PYTHON
expect 0 "no runs in test" "$ESPALIER" runs test
# A run that is killed is stopped; it still predicts from its checkpoint.
ESPALIER_FAULT="kill:rank=0,step=20" colour_run runs/killed train.checkpoint_steps=10 || true
expect 0 "stopped" "$ESPALIER" runs runs/killed
expect 0 "18 of 18" "$ESPALIER" predict runs/killed test
