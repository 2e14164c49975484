# A student learns the features of another run's backbone: it is of its own kind, the teacher is named and does not move.
source "$SOURCE/tests/program/training.sh"

train 1 first train.checkpoint_steps=10
lesson=(task.name=distill task.teacher=first task.hidden=16 "model.widths=[6, 6]" optim.lr=0.1 train.checkpoint_steps=10)
train 1 student "${lesson[@]}"
train 2 student2 "${lesson[@]}"
same_bits student student2 20

/usr/bin/python3 - <<'PYTHON' || fail "the loss did not fall"
import json
losses = [json.loads(line)["loss"] for line in open("student/metrics.jsonl")]
assert sum(losses[-5:]) < 0.7 * sum(losses[:5]), losses
PYTHON

# Tensors of a safetensors file whose names begin with a prefix: names without it, and bytes.
tensors() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import hashlib, json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + size])
for name in sorted(header):
    if name != "__metadata__" and name.startswith(sys.argv[2]):
        begin, end = header[name]["data_offsets"]
        print(name[len(sys.argv[2]):], hashlib.sha256(data[8 + size + begin:8 + size + end]).hexdigest())
PYTHON
}
for step in 10 20; do
  diff <(tensors "student/checkpoints/step-000000$step/task.safetensors" teacher.) <(tensors first/backbone.safetensors "") ||
    fail "the teacher of step $step is not the run's backbone"
done
tensors student/backbone.safetensors "" | grep -q . || fail "there is no backbone"
tensors student/backbone.safetensors teacher. | grep . && fail "the exported backbone holds the teacher"

sum=$(sha256sum <first/backbone.safetensors | cut -d' ' -f1)
for file in backbone.json provenance.json; do
  grep -q "$sum" "student/$file" || fail "$file does not name the teacher's SHA-256"
done
"$ESPALIER" export student --format pth --out student-pth
grep -q "learnt the features of.*first, SHA-256 $sum" student-pth/README.md || fail "the card does not name the teacher"

"$ESPALIER" export student --format safetensors --part projector --out projector
diff <(tensors projector/projector.safetensors "") <(tensors student/checkpoints/step-00000020/task.safetensors projector.) ||
  fail "the exported projector is not the task's"
expect 2 "no library has the projector" "$ESPALIER" export student --format timm --part projector --out timm

train 1 later "${lesson[@]}" task.teacher=first@10
grep -q 'first@10' later/provenance.json || fail "a checkpoint is no teacher"
"$ESPALIER" export first --format pth --out first-pth
train 1 named "${lesson[@]}" task.teacher=first-pth/backbone.pth "task.teacher_model='conv_bn(widths=[4, 8], norm=batch)'"

expect 2 "task.teacher_model" "$ESPALIER" pretrain tiny.yaml --out no "${lesson[@]}" task.teacher=first-pth/backbone.pth
expect 2 "task.teacher: there is no file" "$ESPALIER" pretrain tiny.yaml --out no "${lesson[@]}" task.teacher=nowhere
expect 0 "task.teacher is empty" "$ESPALIER" pretrain tiny.yaml --out alone task.name=distill
