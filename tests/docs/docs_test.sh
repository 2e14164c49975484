# What the pages say there is, there is; what there is, the generated page of options holds.
"$ESPALIER" list --json >plugins.json
"$ESPALIER" describe --markdown >options.md
"$ESPALIER" describe --tasks >tasks.md

/usr/bin/python3 - "$SOURCE/README.md" <<'PYTHON'
import json, pathlib, re, sys
plugins = json.load(open("plugins.json"))
options = open("options.md").read()
table = pathlib.Path(sys.argv[1]).read_text().split("## What exists")[1].split("\n\n")[1]
rows = {row.split("|")[1].strip(): re.findall(r"`([\w-]+)`", row.split("|")[2]) for row in table.splitlines()[2:]}
assert len(rows) >= 8, f"README.md: {len(rows)} kinds of plug-ins"
for kind, names in rows.items():
    assert names and set(names) <= set(plugins[kind]), f"README.md names {kind}s that are none: {set(names) - set(plugins[kind])}"
pages = {"optimizer": "docs/optimization.md", "hook": "docs/health.md"}
for kind, page in pages.items():
    text = (pathlib.Path(sys.argv[1]).parent / page).read_text()
    missing = {name for name in plugins[kind] if f"`{name}`" not in text}
    assert not missing, f"{page} lacks {missing}"
# A row for each task, whose first cells are filled.
rows = [row.split("|")[1:-1] for row in open("tasks.md") if row.startswith("| `")]
assert sorted(row[0].strip(" `") for row in rows) == sorted(plugins["task"]), "describe --tasks lacks a task, or has one twice"
for row in rows:
    assert len(row) == 6 and row[2].strip() and int(row[3]) >= 1, row
for kind in ("task", "backbone", "op", "recipe", "format", "optimizer", "schedule", "hook"):
    for name in plugins[kind]:
        assert f"## {kind} {name}\n" in options, f"describe --markdown has no {kind} {name}"
# A configuration is printed section by section, and alone by its name.
for kind in plugins["configuration"]:
    assert f" of {kind}\n" in options, f"describe --markdown has no configuration {kind}"
PYTHON
grep -q '^| `lr` | .*learning rate' options.md || fail "the page of options has no learning rate"
