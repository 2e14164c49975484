# TensorBoard's event files say what metrics.jsonl says, also of a run that was killed and continued.
source "$SOURCE/tests/program/training.sh"
sed -i 's/steps: 20,/steps: 20, checkpoint_steps: 3,/' tiny.yaml

ESPALIER_FAULT="kill:rank=0,step=8" expect 137 "is on" train 1 run
train 1 run --resume

# A reader of its own: records, checksums bit by bit, and what a SessionLog START takes back.
/usr/bin/python3 - <<'PYTHON' || fail "the events are not the metrics"
import glob, json, struct

def crc(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF

def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at

def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key % 8 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if key % 8 == 2 else ({1: 8, 5: 4}[key % 8], at)
            value, at = data[at:at + size], at + size
        yield key // 8, value

def events(path):
    data = open(path, "rb").read()
    while data:
        length, = struct.unpack("<Q", data[:8])
        event = data[12:12 + length]
        assert struct.unpack("<I", data[8:12])[0] == crc(data[:8])
        assert struct.unpack("<I", data[12 + length:16 + length])[0] == crc(event)
        yield dict(fields(event))
        data = data[16 + length:]

files, found = sorted(glob.glob("run/events.out.tfevents.*")), {}
assert len(files) == 2, files
for path in files:
    for number, event in enumerate(events(path)):
        if number == 0:
            assert event[3] == b"brain.Event:2"
        elif 7 in event:
            assert dict(fields(event[7])) == {1: 1}
            found = {step: row for step, row in found.items() if step < event[2]}
        else:
            values = [dict(fields(value)) for number, value in fields(event[5]) if number == 1]
            found[event[2]] = {value[1].decode(): struct.unpack("<f", value[2])[0] for value in values}
rows = [json.loads(line) for line in open("run/metrics.jsonl")]
single = lambda value: struct.unpack("<f", struct.pack("<f", value))[0]
assert found == {row.pop("step"): {name: single(value) for name, value in row.items()} for row in rows}
assert sorted(found) == list(range(1, 21))
PYTHON
