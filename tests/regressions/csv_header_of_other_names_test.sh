# A list whose header has other names is told the right ones, as a usage error.
mkdir images && cp "$SOURCE/tests/pack/small.jpg" images/1.jpg
list() { printf '%s\n' "$@" >list.csv; }
packs() { "$ESPALIER" pack --source list.csv --format csv --out "$1"; }
list image,class images/1.jpg,cat
expect 2 "list.csv:1: 'image' is no file and looks like the name of a column (try: path,label)" packs never
list Path,Label images/1.jpg,cat
expect 2 "(try: path,label)" packs never
list filename images/1.jpg
expect 2 "'filename' is no file and looks like the name of a column (try: path)" packs never
list image,class "$PWD/images/1.jpg,cat"
expect 2 "(try: path,label)" packs never
list id,path,label 1,images/1.jpg,cat
expect 3 "list.csv:1: 3 fields, but a row is path,label or path" packs never
# A file that is missing is not a header; one without extension is an image.
list images/2.jpg,cat images/1.jpg,cat
expect 4 "list.csv:1: cannot open" packs never
cp images/1.jpg image
list image,cat images/1.jpg,cat
expect 0 "2 images" packs packed
