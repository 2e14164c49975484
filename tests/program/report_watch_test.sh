# A page that is watched is made again when its run has gone on, and the browser loads it again.
mkdir run
echo '{"step":10,"loss":2.0}' >run/metrics.jsonl
timeout 120 "$ESPALIER" report run --out page.html --watch 1 >watch.log 2>&1 &
watcher=$!
trap 'kill $watcher 2>/dev/null || true; rm -rf "$folder"' EXIT

# until_page TEXT: waits for the page to say it.
until_page() {
  for _ in $(seq 300); do
    if grep -qF -- "$1" page.html 2>/dev/null; then return 0; fi
    sleep 0.2
  done
  cat watch.log
  fail "the page does not say '$1'"
}

until_page "10 steps"
grep -q '<meta http-equiv="refresh" content="1">' page.html || fail "the page does not load itself again"
echo '{"step":20,"loss":1.0}' >>run/metrics.jsonl
until_page "20 steps"
kill $watcher

expect 0 "" "$ESPALIER" report run --out once.html
if grep -q refresh once.html; then fail "a page that nobody watches loads itself again"; fi
expect 2 "--watch" "$ESPALIER" report run --out once.html --watch 0
