# The sheet takes the memory of its own pictures, however large the images are.
/usr/bin/python3 - <<'PYTHON'
import pathlib, struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
side = 2000
rows = zlib.compress(bytes(side * (1 + 3 * side)), 1)
pathlib.Path("images").mkdir()
for i in range(24):  # 12 MB each
    pathlib.Path(f"images/{i}.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
        chunk(b"tEXt", b"i\0%d" % i) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
PYTHON
"$ESPALIER" pack --quiet --source images --format image_folder --out packed >/dev/null
peak() {
  /usr/bin/python3 - "$ESPALIER" preview packed --quiet --out grid.png --count "$1" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PYTHON
}
one=$(peak 1) all=$(peak 24)
[ $((all - one)) -lt 100 ] || fail "24 images of 12 MB take $((all - one)) MB more than one"
