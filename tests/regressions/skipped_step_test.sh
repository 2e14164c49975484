# Adam's bias correction counts updates, not steps: after a skipped step the first update has the length of the rate.
source "$SOURCE/tests/program/training.sh"
export ESPALIER_FAULT="nan:rank=0,step=1"
train 1 run optim.name=adamw optim.weight_decay=0 optim.lr=0.001 optim.schedule=step model.norm=none \
  train.steps=2 train.checkpoint_steps=1
grep -q "step 1 is skipped" run/log.txt || fail "no step was skipped"
/usr/bin/python3 - <<'PYTHON' || fail "the update after a skipped step is not the first one's"
import json, sys
import numpy as np
def weights(step):
    data = open(f"run/checkpoints/step-{step:08d}/model.safetensors", "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data, np.float32, offset=8 + size + at["data_offsets"][0],
                                count=(at["data_offsets"][1] - at["data_offsets"][0]) // 4)
            for name, at in header.items() if at["dtype"] == "F32"}
before, after = weights(1), weights(2)
length = max(abs(after[name] - before[name]).max() for name in before)
print("longest change of a weight:", length)
sys.exit(not 0.00099 < length < 0.00101)
PYTHON
