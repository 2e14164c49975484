# Cells that diverged leave the means and are counted; n and stuck are columns; one seed selects nothing; `started` is
# when the command began.
source "$SOURCE/tests/program/sweeping.sh"
sweep wild optim.lr=1000 optim.weight_decay=1 transfer.steps=20 >table.txt 2>/dev/null
grep -q "n 0, 2 diverged" table.txt || { cat table.txt; fail "the table does not count cells that diverged"; }
head -1 wild/summary.csv | grep -q ",n,.*,diverged,stuck$" || fail "summary.csv lacks columns"
sweep still optim.lr=0 transfer.steps=400 >table.txt 2>/dev/null
ended=$(date +%s)
grep -q "n 2, [12] stuck" table.txt || { cat table.txt; fail "the table does not count stuck cells"; }
head -1 still/cells.csv | grep -q ",stuck," || fail "cells.csv has no column for stuck cells"
expect 0 "" "$ESPALIER" report wild still --out page.html --markdown page.md
grep -q "| n | Diverged | Stuck |" page.md || fail "the page does not count"
/usr/bin/python3 - "$ended" <<'PYTHON' || fail "'started' is not when the sweep began"
import calendar, json, sys, time
facts = json.load(open("still/provenance.json"))
started = calendar.timegm(time.strptime(facts["started"], "%Y-%m-%dT%H:%M:%SZ"))
assert started + facts["seconds"] <= int(sys.argv[1]) + 2, (facts["started"], facts["seconds"], sys.argv[1])
PYTHON
sweep one transfer.seeds=1 >table.txt 2>/dev/null
! grep -q "selected" table.txt || { cat table.txt; fail "one seed selects"; }
