#!/usr/bin/env bash
# launch/mpirun.sh with mpirun replaced: what it forwards, what it returns, and that it always ends.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# $DO says how it ends: by itself with a code, by a request to stop, or not.
cat >"$folder/mpirun" <<'STUB'
#!/usr/bin/env bash
echo "$DO" >>"$FOLDER/started"
case $DO in
  saves) trap 'exit 75' USR1 ;;          # ranks that write a checkpoint
  not-yet) ;;                            # ended by USR1: ranks that were still being loaded
  deaf) trap '' USR1; trap 'touch "$FOLDER/told"; exit 1' TERM ;;
  cut) OMPI_COMM_WORLD_RANK=0 sleep 7 &  # a rank of this machine ends, mpirun waits for another machine
       trap '' USR1 ;;
  *) exit "$DO" ;;
esac
for _ in $(seq 1200); do sleep 0.1; done
STUB
chmod +x "$folder/mpirun"
export FOLDER=$folder PATH=$folder:$PATH SOURCE=$root

/usr/bin/python3 - <<'PYTHON'
import os, signal, subprocess, time

folder = os.environ["FOLDER"]

def start(do):
    before = open(folder + "/started").read().count(do) if os.path.exists(folder + "/started") else 0
    script = subprocess.Popen([os.environ["SOURCE"] + "/launch/mpirun.sh", "2", "program"],
                              env={**os.environ, "DO": do}, start_new_session=True)
    while not (os.path.exists(folder + "/started") and open(folder + "/started").read().count(do) > before):
        time.sleep(0.02)
    time.sleep(0.1)  # the stub sets its traps
    return script

cut, cut_start = start("cut"), time.time()

for code in (0, 2, 5, 137):
    assert start(str(code)).wait(60) == code, code

for name in ("TERM", "HUP", "USR1", "INT"):
    for do in ("saves", "not-yet"):
        script = start(do)
        script.send_signal(getattr(signal, "SIG" + name))
        code = script.wait(60)
        assert code == 75, f"{name} to ranks that are {do}: {code}"

# A second Ctrl-C: mpirun is told to end its ranks.
script = start("deaf")
script.send_signal(signal.SIGINT)
time.sleep(1)
assert script.poll() is None, "one Ctrl-C ends at once"
script.send_signal(signal.SIGINT)
assert script.wait(60) == 130, script.returncode
assert os.path.exists(folder + "/told"), "mpirun was not told to end"

# The other machine is not heard of any more.
assert cut.wait(120) == 5, cut.returncode
assert time.time() - cut_start > 25, "mpirun was given too little time"
PYTHON
echo "passed: mpirun_test.sh"
