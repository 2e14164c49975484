# Classes 0 to 11 have the same numbers from csv, a folder, a tar, groups of HDF5 and IDX.
/usr/bin/python3 - "$SOURCE/tests/golden/images/rgb.png" <<'PYTHON'
import h5py, io, numpy, pathlib, struct, sys, tarfile
png = numpy.fromfile(sys.argv[1], "u1")
rows, tar, groups = [], tarfile.open("set.tar", "w"), h5py.File("groups.h5", "w")
for label in range(12):
    folder = pathlib.Path(f"set/{label}")
    folder.mkdir(parents=True)
    (folder / "x.png").write_bytes(png.tobytes())
    rows.append(f"set/{label}/x.png,{label}")
    groups[f"{label}/x.png"] = png
    for name, data in ((f"{label}.png", png.tobytes()), (f"{label}.cls", str(label).encode())):
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
tar.close(), groups.close()
pathlib.Path("list.csv").write_text("path,label\n" + "\n".join(rows))
pathlib.Path("x-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, 12, 4, 4) + bytes(192))
pathlib.Path("x-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 12) + bytes(range(12)))
PYTHON
for source in "list.csv csv" "set image_folder" "set.tar tar" "groups.h5 hdf5" "x idx"; do
  format=${source#* }
  "$ESPALIER" pack --quiet --source "${source% *}" --format "$format" --out "from_$format" >/dev/null
  names=$("$ESPALIER" inspect "from_$format" --json | /usr/bin/python3 -c '
import json, sys
print(*(row["name"] for row in json.load(sys.stdin)["classes"]))')
  [ "$names" = "0 1 2 3 4 5 6 7 8 9 10 11" ] || fail "$format numbers the classes $names"
done

# One name that is no integer, and all are texts.
mv set/11 set/x11
"$ESPALIER" pack --quiet --source set --format image_folder --out texts >/dev/null
expect 0 '"name": "10"' "$ESPALIER" inspect texts --json
[ "$(grep -n '"name": "10"' expect.out | cut -d : -f 1)" -lt "$(grep -n '"name": "2"' expect.out | cut -d : -f 1)" ] ||
  fail "texts are not in the order of their bytes"
