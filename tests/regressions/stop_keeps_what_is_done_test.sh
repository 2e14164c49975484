# A request to stop ends packing and a sweep in order, with 75; the same command goes on from what was done.
source "$SOURCE/tests/program/training.sh"
cat >stop.py <<'PYTHON'
import os, signal, subprocess, sys, time

def is_caught(pid, number):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("SigCgt"):
            return int(line.split()[1], 16) >> (number - 1) & 1
    return False

# stop.py SIGNAL FILE COMMAND ...: the signal as soon as the program takes it in and FILE exists.
number, file, command = getattr(signal, sys.argv[1]), sys.argv[2], sys.argv[3:]
process = subprocess.Popen(command)
end = time.time() + 60
while process.poll() is None and time.time() < end:
    if os.path.exists(file) and is_caught(process.pid, number):
        break
    time.sleep(0.005)
process.send_signal(number)
sys.exit(process.wait(100) % 256)
PYTHON

first_images 3000
pack() { "$@" "$ESPALIER" pack --quiet --source small --format idx --threads 1 --out "$out" >pack.txt 2>&1; }
out=whole; pack env
for signal in SIGTERM SIGINT; do
  out=stopped-$signal code=0
  pack /usr/bin/python3 stop.py "$signal" . || code=$?
  [ "$code" -eq 75 ] || { cat pack.txt; fail "pack after $signal: exit code $code"; }
  pack env
  cmp whole/SHA256SUMS "$out/SHA256SUMS" || fail "a pack that was stopped has other bytes"
done

train 1 backbone train.steps=4
cat >sweep.yaml <<'YAML'
data: {train: data, test: whole}
optim: {name: sgd, lr: 0.01, schedule: cosine}
transfer: {cuts: [1], modes: [tuned], labels_per_class: [2], seeds: 6, steps: 400, workers: 1}
YAML
sweep() { "$@" "$ESPALIER" transfer sweep.yaml --quiet --backbone backbone --out sweep >sweep.txt 2>&1; }
code=0
sweep /usr/bin/python3 stop.py SIGTERM sweep/cells || code=$?
[ "$code" -eq 75 ] || { cat sweep.txt; fail "transfer after SIGTERM: exit code $code"; }
[ -z "$(find sweep/cells -name '*.lock')" ] || fail "a stopped sweep leaves locks"
sed -i 's/steps: 400/steps: 4/' sweep.yaml
sweep env
