# Every number that can be set has a least and a most value, in every section and plug-in that there is.
"$ESPALIER" describe --markdown >options.md
"$ESPALIER" list --json >list.json
/usr/bin/python3 - <<'PYTHON' || fail "an option has no range"
import json, re, sys
bad, fields, seen, entry = [], 0, set(), ""
for line in open("options.md"):
    if line.startswith("## "):
        entry = line[3:].strip()
        seen.add(entry)
    row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
    if len(row) < 6 or row[1] in ("option", "---") or line.startswith("|---"):
        continue
    fields += 1
    kind, range_ = row[3], row[4]
    if kind in ("integer", "number", "list of integers", "list of numbers") and \
            not re.match(r"-?[0-9.e+-]+ to -?[0-9.e+-]+", range_):
        bad.append(f"{entry}: {row[1]} has the range '{range_}'")
for kind, names in json.load(open("list.json")).items():
    if kind not in ("verb", "communicator", "configuration"):
        bad += [f"describe lacks {kind} {name}" for name in names if f"{kind} {name}" not in seen]
print("\n".join(bad))
sys.exit(bool(bad) or fields < 60)
PYTHON
