# A sweep that runs or was killed is reported from the cells that have ended, and the page says how many are planned.
# With --quiet it keeps its log.
source "$SOURCE/tests/program/sweeping.sh"
finished() { find out/cells -name result.json ! -path '*/.*' 2>/dev/null | wc -l; }
"$ESPALIER" transfer sweep.yaml --backbone run --out out transfer.seeds=50 transfer.steps=100 --quiet >killed.txt 2>&1 &
until [ "$(finished)" -ge 6 ]; do
  kill -0 $! 2>/dev/null || { cat killed.txt; fail "the sweep ended before it could be killed"; }
  sleep 0.02
done
kill -9 $!
wait $! || true
expect 0 "" "$ESPALIER" report out --out page.html --markdown page.md
! grep -q "No cell" page.md || fail "finished cells are not seen"
grep -q "The sweep has not ended: [0-9]* of 250 cells have a result" page.md || { cat page.md; fail "the plan is not told"; }
grep -q "| conv2\|2 conv2" page.md || { cat page.md; fail "the table of the finished cells is missing"; }
grep -q "cells were there already" out/log.txt || fail "a quiet sweep keeps no log"
