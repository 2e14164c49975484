# A thread that the system refuses, and memory that is not there, are exit code 4 and not a crash.
source "$SOURCE/tests/program/training.sh"
# The least address space with which the program starts, in steps of 256 MB.
least() {
  local size
  for size in $(seq 1 64); do
    if (ulimit -v $((size * 262144)); "$ESPALIER" list task) >/dev/null 2>&1; then echo "$size"; return; fi
  done
}
start=$(least)
[ -n "$start" ] || fail "the program does not start in 16 GB"
# 1000 threads have stacks of 8 MB each: twice what is left.
code=0
(ulimit -s 8192; ulimit -v $(((start + 16) * 262144)); timeout 120 "$ESPALIER" pretrain tiny.yaml --quiet --out limited \
  data.threads=1000) >limited.txt 2>&1 || code=$?
[ "$code" -eq 4 ] || { cat limited.txt; fail "1000 threads in too little memory: exit code $code"; }
grep -q "data.threads" limited.txt || { cat limited.txt; fail "data.threads is not named"; }
