# Kill -9 at random moments, alone and under mpirun, while arms choose their settings, while bases are trained and while
# cells are computed: the sweep goes on, repeats no finished cell, and ends with the bytes of one that was never hit.
source "$SOURCE/tests/program/sweeping.sh"
cat >hit.yaml <<'YAML'
data: {train: data, test: test}
transfer: {cuts: [1, 2], modes: [tuned, selffer_frozen, ridge], kept_lr_factor: 0.1, labels_per_class: [4], seeds: 2,
  lr: [0.02, 0.05], steps: 20, folds: 2}
optim: {name: sgd}
YAML
# hit START OUT [key=value ...]; START is a command that runs another one.
hit() { local start=$1 out=$2; shift 2; $start "$ESPALIER" transfer hit.yaml "$@" --backbone run --quiet --out "$out"; }
ranks() { timeout 300 mpirun -n 2 --oversubscribe --bind-to none "$@"; }
# The processes of the program that PID started.
programs_of() {
  local child
  for child in $(pgrep -P "$1"); do
    if [ "$(ps -o comm= -p "$child")" = espalier ]; then echo "$child"; else programs_of "$child"; fi
  done
}
stamps() { { find "$1/cells" -name result.json ! -path "*/.*" 2>/dev/null || true; } | sort | xargs -r stat -c "%n %i %y"; }
but_seconds() {
  cut -d, -f1-14,16- "$1/cells.csv"
  cat "$1/plan.json" "$1/summary.csv" "$1/test_labels.bin"
  (cd "$1" && find cells bases -type f ! -name result.json | sort | xargs sha256sum)
  (cd "$1" && find cells -name result.json | sort | xargs grep -v seconds)
}

hit env whole transfer.workers=1 >/dev/null
[ -z "$(find whole \( -name '*.lock' -o -name '*.partial' \))" ] || fail "locks were left"

hits=0
for round in 1 2 3 4 5 6; do
  stamps hit >before.txt
  start=env; [ $((RANDOM % 2)) -eq 0 ] || start=ranks
  hit $start hit >hit.txt 2>&1 &
  launcher=$!
  until [ "$(stamps hit | wc -l)" -gt "$(wc -l <before.txt)" ] || ! kill -0 $launcher 2>/dev/null; do sleep 0.01; done
  sleep "0.$(printf %02d $((RANDOM % 30)))"
  victims=($(programs_of $launcher || true))
  [ "${#victims[@]}" -gt 0 ] && kill -9 "${victims[@]}" 2>/dev/null && hits=$((hits + 1))
  code=0; wait $launcher || code=$?
  comm -23 before.txt <(stamps hit) >lost.txt
  [ ! -s lost.txt ] || { cat lost.txt; fail "a finished cell was lost or computed again"; }
  [ "$code" -ne 0 ] || break
done
[ "$hits" -ge 3 ] || fail "the sweep ended before it could be killed"
echo "killed $hits times"
hit env hit >/dev/null
[ -z "$(find hit -name '*.lock')" ] || fail "locks of killed processes were left"
find hit -name '*.partial' -prune -exec rm -r {} +
diff <(but_seconds whole) <(but_seconds hit) || fail "a sweep that was killed has other bytes"

hit ranks shared >/dev/null
diff <(but_seconds whole) <(but_seconds shared) || fail "two ranks left other bytes than one worker"
