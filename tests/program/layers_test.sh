# layers: what each stage of a trained network holds, beside several untrained networks of its model.
source "$SOURCE/tests/program/training.sh"

cat >supervised.yaml <<'YAML'
data: {shards: data, batch: 32}
model: {name: conv_bn, widths: [16, 32], norm: batch}
task: {name: supervised}
optim: {name: adamw, lr: 0.01}
train: {steps: 480, log_steps: 480, checkpoint_steps: 120, keep_checkpoints: 4, deadline_seconds: 60}
parallel: {lanes: 1}
YAML
"$ESPALIER" pretrain supervised.yaml --quiet --out run

layers() { "$ESPALIER" layers --quiet "$@"; }
layers run data --out three
layers run data --out four --draws 4 --seed 1
layers run@120 data --out half --draws 1
layers run@480 data --out last --against run@120
expect 2 "holds no checkpoint of step 90" layers run@90 data --out none
expect 2 "--draws" layers run data --out none --draws 0
/usr/bin/python3 - <<'PYTHON'
import json, statistics
three, four, half, last = (json.load(open(name + "/layers.json")) for name in ("three", "four", "half", "last"))
ridge = three["measures"]["ridge"]
run, untrained = (ridge["of"][name]["stages"] for name in ("run", "untrained"))
assert len(three["stages"]) == len(run) == len(untrained) == len(ridge["run_minus_untrained"]) == 2, three["stages"]
assert three["draws"] == len(ridge["untrained_draws"]) == 3 and len(four["measures"]["ridge"]["untrained_draws"]) == 4
for stage in range(2):
    draws = [draw[stage] for draw in ridge["untrained_draws"]]
    mean, low, high = untrained[stage]
    assert abs(mean - statistics.mean(draws)) < 1e-12, (mean, draws)
    # Student's t of 2 degrees at 97.5 %.
    half_width = 4.302652729911275 * statistics.stdev(draws) / 3 ** 0.5
    assert abs(high - mean - half_width) < 1e-9 and abs(mean - low - half_width) < 1e-9, (low, high, half_width)
    gain, least, most = ridge["run_minus_untrained"][stage]
    assert abs(gain - (run[stage][0] - mean)) < 1e-12 and abs(most - gain - 2 * half_width) < 1e-9
# Labels of these very images taught the last stage: no untrained network comes near.
assert ridge["run_minus_untrained"][-1][1] > 0, ridge
assert run[-1][0] > max(draw[-1] for draw in ridge["untrained_draws"]) + 0.1, ridge
# RUN is its last checkpoint, and not an earlier one; one draw is the first of three.
assert half["measures"]["rank_me"]["of"]["run"] != three["measures"]["rank_me"]["of"]["run"]
assert last["measures"]["ridge"]["of"]["run"] == ridge["of"]["run"] and last["against"] == "run@120"
assert "run_minus_untrained" not in half["measures"]["ridge"] and "movement" in last["measures"]
assert half["measures"]["ridge"]["untrained_draws"] == ridge["untrained_draws"][:1]
PYTHON
grep -q "ridge,run - untrained,2," three/layers.csv || fail "the table lacks the difference"
grep -q "run − untrained" three/layers.html || fail "the page lacks the difference"
