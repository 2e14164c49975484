# For scripts about labels: images of one colour each, so that a class is learned in a moment. Source it.

# colours FOLDER COUNT [CLASS=RED,GREEN,BLUE ...]: COUNT noisy 8 x 8 PNGs of that colour in FOLDER/CLASS, or in FOLDER
# itself where CLASS is `.`. One value instead of three is a grey image.
colours() {
  /usr/bin/python3 - "$@" <<'PYTHON'
import os, random, struct, sys, zlib
folder, count = sys.argv[1], int(sys.argv[2])
side = int(os.environ.get("SIDE", "8"))
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for item in sys.argv[3:]:
    name, colour = item.split("=")
    colour = [int(c) for c in colour.split(",")]
    draw = random.Random(folder + item)
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    for i in range(count):
        rows = b"".join(b"\0" + bytes(min(255, max(0, c + draw.randint(-20, 20))) for _ in range(side) for c in colour)
                        for _ in range(side))
        header = struct.pack(">IIBBBBB", side, side, 8, 2 if len(colour) == 3 else 0, 0, 0, 0)
        with open(os.path.join(folder, name, f"{name.strip('.')}{i:03d}.png"), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
}

# packed FOLDER ...: packs each, a folder of class folders, as FOLDER.set.
packed() {
  local folder
  for folder in "$@"; do "$ESPALIER" pack --quiet --source "$folder" --format image_folder --out "$folder.set"; done
}

# value RUN NAME [STEP]: a run's last metric of that name, or that of a step.
value() {
  /usr/bin/python3 - "$@" <<'PYTHON'
import json, sys
run, name, *step = sys.argv[1:]
rows = [json.loads(line) for line in open(run + "/metrics.jsonl")]
values = [row[name] for row in rows if name in row and (not step or row["step"] == int(step[0]))]
print(values[-1] if values else "absent")
PYTHON
}

# is VALUE EXPECTED WHAT
is() { [ "$1" = "$2" ] || fail "$3 is $1, not $2"; }

# A configuration that learns colours, from train.set.
cat >colours.yaml <<'YAML'
data: {shards: train.set, batch: 12}
model: {name: conv_bn, widths: [8, 8]}
task: {name: supervised}
optim: {name: adamw, lr: 0.02}
train: {steps: 40, log_steps: 40, deadline_seconds: 60}
parallel: {lanes: 1}
YAML

# colour_run OUT [key=value ...]
colour_run() { local out=$1; shift; "$ESPALIER" pretrain colours.yaml --quiet --out "$out" "$@"; }

red=230,40,40 green=40,200,60 blue=50,60,220
