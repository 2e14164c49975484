# Colours hidden under transparent pixels never show: what is packed and drawn lies on a background, white or the one asked for.
cat >make.py <<'PYTHON'
import pathlib, struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
def png(colour_type, pixels):
    header = struct.pack(">IIBBBBB", len(pixels) // {4: 2, 6: 4}[colour_type], 1, 8, colour_type, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" + bytes(pixels))) +
            chunk(b"IEND", b""))
for folder in ("set", "opaque", "grey"):
    pathlib.Path(folder).mkdir()
colour = [10, 20, 30]
pathlib.Path("set/a.png").write_bytes(png(6, colour + [0] + colour + [255] + colour + [128] + colour + [1]))
pathlib.Path("opaque/a.png").write_bytes(png(6, (colour + [255]) * 4))
pathlib.Path("grey/a.png").write_bytes(png(4, [10, 0, 10, 255, 10, 128, 10, 1]))
pathlib.Path("grey/b.png").write_bytes(png(4, [10, 255] * 4))
PYTHON
/usr/bin/python3 make.py
pack() { "$ESPALIER" pack --quiet --source "$1" --format image_folder --out "$2" "${@:3}" >/dev/null; }
pixels() { /usr/bin/python3 -c 'import h5py, sys; print(*h5py.File(sys.argv[1] + "/shard-00000.h5")["images"][:].ravel())' "$1"; }
is() { [ "$1" = "$2" ] || fail "$3: $1 instead of $2"; }

# By hand: (value alpha + background (255 - alpha) + 128) / 255.
white="255 255 255 10 20 30 132 137 142 254 254 254"
pack set set_raw && is "$(pixels set_raw)" "$white" "over white"
pack set red --background 255,0,0 && is "$(pixels red)" "255 0 0 10 20 30 132 10 15 254 0 0" "over red"
pack set named --background white && cmp named/SHA256SUMS set_raw/SHA256SUMS
pack grey grey_raw && is "$(pixels grey_raw)" "255 10 132 254 10 10 10 10" "grey over white"
expect 0 "over a background" "$ESPALIER" inspect red
expect 0 "background: [255, 0, 0]" "$ESPALIER" inspect red --json

# Stored image files have no alpha left, and where every pixel is opaque they are the source's.
pack set set_files --storage encoded
expect 0 "sound" "$ESPALIER" verify --deep set_files
/usr/bin/python3 - <<'PYTHON' || fail "a stored file has alpha"
import h5py
assert h5py.File("set_files/shard-00000.h5")["data"][25] == 2
PYTHON
pack opaque opaque_files --storage encoded --background black
/usr/bin/python3 - <<'PYTHON' || fail "an opaque file was rewritten"
import h5py
f = h5py.File("opaque_files/shard-00000.h5")
assert f["data"][:].tobytes() == open("opaque/a.png", "rb").read()
assert b"background" not in f.attrs["converter_config"] and int(f["flags"][0]) == 1 << 7
PYTHON
pack grey grey_files --storage encoded --background 255,0,0
expect 0 "sound" "$ESPALIER" verify --deep grey_files
"$ESPALIER" export grey_files --format folder --out exported --quiet
mpi 2 merge grey_files set_files --prefix-keys --out both --quiet
expect 0 "sound" "$ESPALIER" verify --deep both

# The ops see what is packed.
"$ESPALIER" augment set/a.png --ops "crop(0,0,1,4)" --out shown.png >/dev/null
mkdir shown && cp shown.png shown/a.png && pack shown shown_raw && is "$(pixels shown_raw)" "$white" "of augment"
for colour in 1,2 1,2,3,4 1,2,256 -1,0,0 pink ""; do
  expect 2 "try: white, black, grey or 255,128,0" "$ESPALIER" pack --source set --format image_folder --out never --background "$colour"
done
