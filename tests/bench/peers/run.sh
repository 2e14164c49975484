#!/usr/bin/env bash
# run.sh PROGRAM PYTHON IMAGES CIFAR [ROUNDS]: Espalier and its peers in turn on the same files, one core for views, so that
# both meet the same neighbours. IMAGES: a folder of JPEGs of about 500 x 375; CIFAR: CIFAR-10 as JPEGs, a folder a class.
# PYTHON has what requirements.txt names. Prints a line of JSON for every measurement.
set -euo pipefail
program=$1 python=$2 images=$3 cifar=$4 rounds=${5:-3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
"$program" pack --quiet --source "$images" --format image_folder --out "$work/images" >/dev/null
"$program" pack --quiet --source "$cifar" --format image_folder --out "$work/cifar" >/dev/null

views() { # CASE SET VIEWS: one line for Espalier
  taskset -c 0 "$program" bench augment "$2" ops=false samples=250 "views=$3" --rounds 3 --quiet --json |
    "$python" -c "import json, sys
rows = json.load(sys.stdin)['rows']
print(json.dumps({'peer': 'espalier', 'case': '$1', 'images_per_second': round(rows[1]['samples_per_second'], 1), 'decode_alone': round(rows[0]['samples_per_second'], 1)}))"
}
peer() { taskset -c 0 "$python" -W ignore "$here/augment.py" "$1" "$2" "$3" --count 250 2>/dev/null | tail -n 1; }
pack() { # NAME COMMAND...: one line
  local start=$EPOCHREALTIME; "${@:2}" >/dev/null 2>&1
  "$python" -c "print('{\"peer\": \"%s\", \"case\": \"pack\", \"seconds\": %.2f}' % ('$1', $EPOCHREALTIME - $start))"
}

for ((round = 0; round < rounds; ++round)); do
  for name in torchvision_pil albumentations torchvision_v2 lightly kornia; do
    views byol "$work/images" byol; peer $name byol "$images"
    [ $name = lightly ] || { views one "$work/images" "random_resized_crop(224) | flip(p=0.5)"; peer $name one "$images"; }
    views cifar "$work/cifar" byol_cifar; peer $name cifar "$cifar"
  done
  for name in mds h5py webdataset litdata; do
    rm -rf "$work/packed"; pack espalier "$program" pack --quiet --source "$cifar" --format image_folder --out "$work/packed"
    "$python" -W ignore "$here/convert.py" $name "$cifar" "$work/peer" 2>/dev/null | tail -n 1
  done
  for ranks in 1 2; do
    rm -rf "$work/packed"
    pack "espalier, $ranks ranks of 1 thread" mpirun -n $ranks "$program" pack --quiet --threads 1 --source "$cifar" --format image_folder --out "$work/packed"
  done
done
