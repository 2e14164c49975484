# transfer --watch shows a sweep from its folder alone: one that is done, one that was killed, one that runs.
source "$SOURCE/tests/program/sweeping.sh"
sweep sweep --quiet >/dev/null
expect 0 "sweep: 10 of 10 cells done, 0 running" "$ESPALIER" transfer --watch --out sweep
mv expect.out done.txt
/usr/bin/python3 - <<'PYTHON'
import csv
lines = [line.split() for line in open("done.txt")]
means = {row["mode"] + row["cut"]: float(row["mean"]) for row in csv.DictReader(open("sweep/summary.csv"))}
shown = {line[0]: [float(value) for value, sign in zip(line[1:], line[2:]) if sign == "±"] for line in lines if "±" in line[2:3]}
assert shown == {"scratch": [round(100 * means["scratch0"], 1)],
                 **{mode: [round(100 * means[f"{mode}{cut}"], 1) for cut in (1, 2)] for mode in ("frozen", "tuned")}}, (shown, means)
PYTHON

# Three cells are missing: as a sweep that was killed, and as one that another process works on.
mapfile -t some < <(ls -d sweep/cells/*/ | head -3)
rm -r "${some[@]}" sweep/cells.csv sweep/summary.*
expect 0 "7 of 10 cells done, 0 running" "$ESPALIER" transfer --watch --out sweep
grep -q "nothing was written for" expect.out || fail "the watch does not say that nobody works"
echo "$(hostname) $$" >sweep/cells/x.lock
expect 0 "7 of 10 cells done, 1 running" "$ESPALIER" transfer --watch --out sweep
grep -q "about .* left" expect.out || fail "the watch does not say how long it takes"
rm sweep/cells/x.lock

# On a terminal it follows the sweep and ends with it.
timeout 120 script -qec "'$ESPALIER' transfer --watch --out sweep" watched.txt </dev/null >/dev/null &
watcher=$!
trap 'kill $watcher 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
  if grep -qs "7 of 10 cells" watched.txt; then break; fi
  sleep 0.1
done
sweep sweep --quiet >/dev/null
wait $watcher || fail "the watch did not end with the sweep"
grep -q "10 of 10 cells done, 0 running" watched.txt || fail "the watch did not see the end"

mkdir empty
expect 2 "holds no sweep" "$ESPALIER" transfer --watch --out empty
expect 2 "config is required" "$ESPALIER" transfer --out sweep
