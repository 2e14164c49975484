# The first Ctrl-C, like a hangup, ends a run with a checkpoint and 75; the second ends it at once and leaves no rank.
source "$SOURCE/tests/program/training.sh"
cat >signals.py <<'PYTHON'
import glob, os, signal, subprocess, sys, time

def start(command, run, **more):
    process = subprocess.Popen(command + ["pretrain", "tiny.yaml", "--out", run, "train.steps=100000",
                               "train.checkpoint_steps=0"], start_new_session=True, **more)
    return process

def await_metrics(run):
    end = time.time() + 120
    while not (os.path.exists(run + "/metrics.jsonl") and os.path.getsize(run + "/metrics.jsonl")):
        assert time.time() < end, run + " does not start"
        time.sleep(0.02)

def left(run):
    """Processes that still work for a run."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(path, "rb").read().split(b"\0")
        except OSError:
            continue
        if os.path.abspath(run).encode() in words and words[0] != b"timeout":
            found.append(path)
    return found

espalier, source = os.environ["ESPALIER"], os.environ["SOURCE"]
mpirun = ["mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none", espalier]
script = [source + "/launch/mpirun.sh", "2", espalier]

# One process.
for name in ("SIGINT", "SIGHUP", "SIGTERM", "SIGUSR1"):
    process = start([espalier], name)
    await_metrics(name)
    process.send_signal(getattr(signal, name))
    assert process.wait(100) == 75, f"{name}: exit code {process.returncode}"
    assert os.path.exists(name + "/checkpoints/LATEST"), f"{name}: no checkpoint"

# A request that comes while the data are only being opened.
process = start([espalier], "early", stderr=subprocess.PIPE)
process.stderr.readline()
process.send_signal(signal.SIGUSR1)
process.stderr.read()
assert process.wait(100) == 75, f"an early signal: exit code {process.returncode}"

# The second Ctrl-C ends what does not come to its next step.
process = start([espalier], "stuck", stderr=subprocess.PIPE, env={**os.environ, "ESPALIER_FAULT": "stall:step=2"})
await_metrics("stuck")
process.send_signal(signal.SIGINT)
time.sleep(0.5)
assert process.poll() is None, "the first SIGINT ends a run at once"
process.send_signal(signal.SIGINT)
assert process.wait(100) == -signal.SIGINT, f"twice: exit code {process.returncode}"
assert b"ended at once" in process.stderr.read(), "the second SIGINT is not said"

# Under mpirun, and under the script.
for name, command in (("mpirun", mpirun), ("script", script)):
    run = os.path.abspath(name)
    process = start(command, run)
    await_metrics(run)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.wait(100)
    end = time.time() + 20
    while left(run) and time.time() < end:
        time.sleep(0.2)
    assert not left(run), f"{name}: {len(left(run))} ranks are left"
PYTHON
/usr/bin/python3 signals.py || fail "signals"
