# evaluate --json has every class; a run whose validation set has moved names the option that finds it.
source "$SOURCE/tests/regressions/colours.sh"
colours train 20 ant=$red bee=$green cat=$blue
colours test 10 bee=$green cat=$blue
packed train test
colour_run run data.validation=test.set
"$ESPALIER" evaluate run --json >score.json
/usr/bin/python3 - <<'PYTHON'
import json
classes = json.load(open("score.json"))["classes"]
assert classes == [{"name": "ant", "images": 0}, {"name": "bee", "images": 10, "accuracy": 1.0},
                   {"name": "cat", "images": 10, "accuracy": 1.0}], classes
PYTHON
mv test.set elsewhere.set
expect 2 "try: --data FOLDER" "$ESPALIER" evaluate run
expect 0 "no images" "$ESPALIER" evaluate run --data elsewhere.set

# The network of a run is that of its own training set, wherever the set is now.
"$ESPALIER" summary run >before
mv train.set away.set
"$ESPALIER" summary run >after
cmp before after || fail "summary shows another network where the data are away"
