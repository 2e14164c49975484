# A file that is neither JPEG nor PNG is refused as what it is, and what is left out is counted under --quiet too.
jpeg=$SOURCE/tests/pack/small.jpg
mkdir -p set/cat
cp "$jpeg" set/cat/good.jpg
printf 'RIFF\x10\0\0\0WEBPVP8 ' >set/cat/a.webp
printf 'GIF89a\1\0\1\0' >set/cat/b.jpg
printf 'II*\0\x08\0\0\0' >set/cat/c.tif
printf 'BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0' >set/cat/d
printf '\n<!DOCTYPE HTML>\n<title>404</title>' >set/cat/e.png
# Start of frame 3 in place of the first frame header: lossless.
/usr/bin/python3 - "$jpeg" set/cat/f.jpg <<'PYTHON'
import pathlib, re, sys
bytes = pathlib.Path(sys.argv[1]).read_bytes()
at = re.search(rb"\xff[\xc0\xc2]\0[\x0b\x11]", bytes).start()
pathlib.Path(sys.argv[2]).write_bytes(bytes[:at + 1] + b"\xc3" + bytes[at + 2:])
PYTHON
expect 3 "cat/a.webp: a WebP image, neither JPEG nor PNG; 6 of 7 images cannot be used: 2 .jpg, 1 without extension, 1 .png, 1 .tif, 1 .webp" \
  "$ESPALIER" pack --source set --format image_folder --out never
expect 0 "6 images are left out: 2 .jpg, 1 without extension, 1 .png, 1 .tif, 1 .webp (skipped.tsv gives the reasons)" \
  mpi 2 pack --quiet --source set --format image_folder --on-corrupt skip --out packed
[ "$(grep -c 'are left out' expect.out)" -eq 1 ] || fail "not said once"
expect 0 "a WebP image" grep '^cat/a.webp	' packed/skipped.tsv
expect 0 "a GIF image" grep '^cat/b.jpg	' packed/skipped.tsv
expect 0 "a TIFF image" grep '^cat/c.tif	' packed/skipped.tsv
expect 0 "a BMP image" grep '^cat/d	' packed/skipped.tsv
expect 0 "an HTML page" grep '^cat/e.png	' packed/skipped.tsv
expect 0 "a lossless JPEG" grep '^cat/f.jpg	' packed/skipped.tsv

# Nothing but foreign images, in a folder, a tar and a list.
mkdir foreign && cp set/cat/a.webp foreign/1.webp && cp set/cat/a.webp foreign/2.bin
tar -cf foreign.tar -C foreign 1.webp 2.bin
printf 'path\nforeign/1.webp\nforeign/2.bin\n' >list.csv
for source in "foreign image_folder" "foreign.tar tar" "list.csv csv"; do
  expect 3 "a WebP image, neither JPEG nor PNG; 2 of 2 images cannot be used: 1 .bin, 1 .webp (try: convert or replace them)" \
    "$ESPALIER" pack --source "${source% *}" --format "${source#* }" --on-corrupt skip --out never
done
