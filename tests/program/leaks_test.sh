# Test images among those trained on are found by the verb and by a sweep, which shows the pairs and goes on.
source "$SOURCE/tests/program/sweeping.sh"

# Images 700 to 899 of the same half: 68 of them are in test, which is 512 to 767, and none in data.
image_set other 700 200
expect 0 "200 test images against 256: 68 exact" "$ESPALIER" leaks test other --out pairs.png
[ "$(head -c 8 pairs.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "the pairs are no PNG"
"$ESPALIER" leaks test other --json >found.json
"$ESPALIER" leaks test other --backbone run --json >asked.json
expect 0 "no pair to draw" "$ESPALIER" leaks data test --out none.png
[ ! -e none.png ] || fail "a picture of no pairs"

sweep clean transfer.steps=1 transfer.seeds=1 >clean.txt 2>&1
sweep leaky transfer.steps=1 transfer.seeds=1 data.test=other data.train=test >leaky.txt 2>&1
grep -q "68 exact" leaky.txt || fail "the sweep does not say what it found"
mv run/config.yaml hidden.yaml
sweep leaky transfer.steps=1 transfer.seeds=1 data.test=other data.train=test >again.txt 2>&1
grep -q "not checked" again.txt || fail "the sweep does not say what it could not check"
grep -q "looking for" again.txt && fail "what was known was looked for again"
# What features tell is looked for where it is asked for, once.
mv hidden.yaml run/config.yaml
sweep clean transfer.steps=1 transfer.seeds=1 data.leaks_by_features=true >clean.txt 2>&1
grep -q "looking for" clean.txt || fail "features were not looked at"
sweep clean transfer.steps=1 transfer.seeds=1 data.leaks_by_features=true >clean.txt 2>&1
grep -q "looking for" clean.txt && fail "features were looked at again"
sweep blind transfer.steps=1 transfer.seeds=1 data.leaks=false >blind.txt 2>&1
[ ! -e blind/leaks.json ] || fail "data.leaks=false looked"
"$ESPALIER" report leaky --out leaky.html
grep -q 'class="alarm">68 of 200 test images are in the training set' leaky.html || fail "the page does not say what leaked"
grep -q "Accuracy without 68 leaked test images" leaky.html || fail "the page does not leave leaked images out"
/usr/bin/python3 - <<'PYTHON'
import json, os
found = json.load(open("found.json"))
assert len(found["exact"]) == 68 and all(set(pair) == {"test_key", "test", "key"} for pair in found["exact"])
clean, leaky = (json.load(open(f"{name}/leaks.json")) for name in ("clean", "leaky"))
asked = json.load(open("asked.json"))
assert asked["exact"] == found["exact"] and "alike" not in found and asked["alike"]["planted"]["jpeg"] > 0, asked["alike"]
assert not {pair["test"] for pair in asked["alike"]["pairs"]} & {pair["test"] for pair in asked["exact"] + asked["near"]}
assert "planted" in clean["training"]["alike"] and "planted" in clean["pretraining"]["alike"], clean
assert clean["training"]["exact"] == clean["pretraining"]["exact"] == [], clean
assert leaky["training"]["exact"] == found["exact"] and os.path.exists("leaky/" + leaky["training"]["sheet"])
assert leaky["training"]["checked"] and not leaky["pretraining"]["checked"] and leaky["pretraining"]["why"]
PYTHON
