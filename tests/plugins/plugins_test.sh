# The examples of docs/adding.md are in the program that was built with them, and a run that is made of them trains.
/usr/bin/python3 -B "$SOURCE/tests/plugins/extract.py" "$SOURCE/docs/adding.md" . >/dev/null
grep -rhoP 'ESPALIER_REGISTER\(\w+, \w+, "\K\w+' src | sort >names
[ "$(wc -l <names)" -ge 7 ] || fail "docs/adding.md has fewer examples than kinds of plug-ins"
while read -r name; do
  expect 0 "\"$name\": " "$ESPALIER" list --json
  expect 0 "$name" "$ESPALIER" describe "$name"
done <names

/usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(bytes((i * i // 7) % 256 for i in range(20 * 28 * 28)))' >images.raw
expect 0 "20 images" "$ESPALIER" pack --source images.raw --format raw_grey --out packed
expect 0 "" "$ESPALIER" pretrain plugged.yaml --out run
expect 0 "" mpi 2 pretrain plugged.yaml --out run2
[ "$(grep -c '"loss"' run/metrics.jsonl)" -eq 2 ] || fail "two steps did not write two rows"
grep -q weight_norm run/metrics.jsonl || fail "the hook measured nothing"
cmp run/backbone.safetensors run2/backbone.safetensors || fail "two ranks trained other weights"
expect 2 "optim.lr" "$ESPALIER" pretrain plugged.yaml optim.lr=fast --out run3
