#!/usr/bin/env bash
# run.sh PROGRAM PYTHON IMAGES CIFAR [ROUNDS] [PARTS]: Espalier and its peers in turn on the same files, each peer right
# after its own run of Espalier, so that both meet the same neighbours; then the table of ratios.
# IMAGES: a folder of JPEGs of about 500 x 375; CIFAR: CIFAR-10 as JPEGs, a folder a class; PYTHON has what
# requirements.txt names; PARTS: "views packs reads steps threads updates" or some of them. The last three need no files:
# IMAGES and CIFAR may be "none" where there are no other parts. LINES_FILE keeps the lines. Not run by CI.
set -euo pipefail
program=$(realpath "$1") python=$2 images=$3 cifar=$4 rounds=${5:-3} parts=${6:-views packs reads steps threads updates}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
lines=${LINES_FILE:-$work/lines}
export OMP_NUM_THREADS=1
[ "$(id -u)" != 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

note() { tee -a "$lines" >&2; }
script() { taskset -c 0 "$python" -W ignore "$here/$1.py" "${@:2}" 2>/dev/null | grep '^{' | note || echo "$* did not run" >&2; }
pack() { "$program" pack --quiet --source "$1" --format image_folder --out "${@:2}" >/dev/null; }
field() { # PEER CASE NAME: of the row of `bench --json` with NAME in its name
  "$python" -c "import json, sys
row = next(r for r in json.load(sys.stdin)['rows'] if '$3' in r['name'])
rate = next(row[key] for key in row if key.endswith('_per_second'))
print(json.dumps({'peer': '$1', 'case': '$2', 'rates': [rate]}))" | note
}

views() { # CASE SET PIPELINE FOLDER COUNT PEER...: a pair for each peer; "NAME ARGUMENT" is a peer too
  for peer in "${@:6}"; do
    taskset -c 0 "$program" bench augment "$2" ops=false samples="$5" "views=$3" --rounds 5 --quiet --json |
      field espalier "$1" "decode included"
    read -ra words <<<"$peer"
    script "augment_${words[0]}" "${words[@]:1}" "$1" "$4" --count "$5" ${memory:+--from-memory}
  done
}

all_views() {
  local peers=("torchvision pil" albumentations "torchvision v2" dali kornia) crop="random_resized_crop(224"
  views byol "$work/images" byol "$images" "$views" "${peers[@]}" lightly
  views one "$work/images" "$crop) | flip(p=0.5)" "$images" "$views" "${peers[@]}"
  views one_bilinear "$work/images" "$crop, filter=bilinear) | flip(p=0.5)" "$images" "$views" "torchvision pil" albumentations
  for case in byol_cifar simclr_cifar; do
    views $case "$work/cifar" $case "$cifar" 1000 "torchvision pil" albumentations dali "torchvision v2" lightly
    memory=1 views $case "$work/cifar" $case "$cifar" 1000 "torchvision pil" albumentations
  done
}

timed() { # PEER CASE COMMAND...: images a second over the CIFAR folder
  local start=$EPOCHREALTIME
  "${@:3}" >/dev/null 2>&1
  "$python" -c "print('{\"peer\": \"$1\", \"case\": \"$2\", \"rates\": [%.0f]}' % ($count / ($EPOCHREALTIME - $start)))" | note
}

convert() { # PEER OUT
  "$python" -W ignore "$here/convert.py" "$1" "$cifar" "$2" 2>/dev/null | grep '^{' | note
}

all_packs() {
  for peer in mds h5py webdataset litdata; do
    rm -rf "$work/packed"
    timed espalier convert "$program" pack --quiet --source "$cifar" --format image_folder --out "$work/packed"
    convert $peer "$work/peer"
  done
  for run in "2 espalier" "1 1_rank"; do
    read -r ranks name <<<"$run"
    rm -rf "$work/packed"
    timed "$name" "2 ranks of 1 thread" mpirun --bind-to core -n "$ranks" "$program" pack --quiet --threads 1 \
      --source "$cifar" --format image_folder --out "$work/packed"
  done
}

reads() { # CASE SET CONVERTED: all of one round follow one run of Espalier
  bench=$(taskset -c 0 "$program" bench read "$2" samples=5000 --quiet --json)
  field espalier "$1" "Dataset, no checksum, random" <<<"$bench"
  field "Dataset, checksum always" "$1" "Dataset, checksum always, random" <<<"$bench"
  field "pread in C++" "$1" "pread, random" <<<"$bench"
  script read_h5py "$2" --case "$1" --samples 5000
  for peer in mds litdata webdataset; do script read_converted $peer "$3-$peer" --case "$1"; done
}

all_reads() {
  if [ ! -d "$work/files" ]; then # files of about 30 KB, enough of them to leave the cache of the processor
    pack "$images" "$work/small" --max-side 256
    for copy in {1..20}; do "$program" export "$work/small" --quiet --format folder --out "$work/files/$copy" >/dev/null; done
    pack "$work/files" "$work/many" --duplicates keep
    for peer in mds litdata webdataset; do
      "$python" -W ignore "$here/convert.py" $peer "$work/files" "$work/many-$peer" >/dev/null 2>&1
      "$python" -W ignore "$here/convert.py" $peer "$cifar" "$work/cifar-$peer" >/dev/null 2>&1
    done
  fi
  reads "encoded reads" "$work/many" "$work/many"
  reads "CIFAR reads" "$work/cifar" "$work/cifar"
}

espalier_step() { # CASE ROUNDS STEPS OVERRIDE...: training steps of 2 ranks on a core each
  mpirun --bind-to core -n 2 "$program" bench step "$here/../../../configs/pretrain/simclr_cifar10_resnet18.yaml" \
    "${@:4}" steps="$3" parallel.lanes=2 parallel.mode=fast train.device=cpu --rounds "$2" --quiet --json |
    field espalier "$1 step" step
}

steps() { # CASE ROUNDS STEPS OVERRIDE...
  espalier_step "$@" || { echo "bench step of $1 did not run" >&2; return; }
  "$python" -W ignore "$here/step_ddp.py" "$1" --rounds "$2" --steps "$3" 2>/dev/null | grep '^{' | note || echo "$* did not run" >&2
}

all_steps() {
  steps simclr 3 1 data.batch=128
  steps rotation 5 4 data.batch=256 task.name=rotation model.name=cnn
}

threads() { # CASE BATCH ROUNDS STEPS OVERRIDE...: one process with 1 and with 2 threads, f32, channels last on both sides
  for count in 1 2; do
    taskset -c 0-$((count - 1)) "$program" bench step "$here/../../../configs/pretrain/simclr_cifar10_resnet18.yaml" "${@:5}" \
      data.batch="$2" steps="$4" parallel.lanes=1 parallel.lane_threads=$count parallel.mode=fast train.device=cpu \
      --rounds "$3" --quiet --json | field espalier "$1 step, $count threads" step
    "$python" -W ignore "$here/step_ddp.py" "$1" --ranks 1 --threads $count --batch "$2" --rounds "$3" --steps "$4" \
      2>/dev/null | grep '^{' | note || echo "$1 with $count threads did not run" >&2
  done
}

all_threads() {
  threads simclr 32 2 1
  threads rotation 256 3 3 task.name=rotation model.name=cnn
  threads mae 64 3 3 task.name=mae task.decoder_width=128 task.decoder_depth=2 model.name=vit_tiny model.patch=4 optim.name=adamw
}

all_updates() { # of all parameters of ResNet-18
  for name in adamw sgd; do
    for how in default foreach fused; do
      taskset -c 0 "$program" bench optim backbone=resnet18 --rounds 5 --quiet --json | field espalier "$name update" "$name"
      script optim_torch "$name" --how "$how"
    done
  done
}

if [[ " $parts " =~ \ (views|packs|reads)\  ]]; then
  views=$(find "$images" -type f | wc -l) count=$(find "$cifar" -type f | wc -l)
  pack "$images" "$work/images"
  pack "$cifar" "$work/cifar"
fi
for ((round = 0; round < rounds; ++round)); do
  for part in $parts; do "all_$part"; done
done
"$python" "$here/table.py" <"$lines"
