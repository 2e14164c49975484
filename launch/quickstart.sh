#!/usr/bin/env bash
# From a fresh clone to a report: set up, build, pack Fashion-MNIST, pretrain by rotation on two ranks, sweep the cut,
# report. A stage that is done is not done again, and one that was stopped goes on.
#
#   launch/quickstart.sh            runs/quickstart/report.html
#   launch/quickstart.sh --short    the same way in about two minutes, too short to learn much: runs/quickstart-short
#
# ESPALIER_RUNS=DIR writes there instead of runs/.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${ESPALIER_RUNS:-runs}/quickstart
pretrain=()
transfer=()
if [ "${1:-}" = --short ]; then
  out+=-short
  pretrain=(train.steps=40)
  transfer=(transfer.seeds=2 'transfer.lr=[0.05]' transfer.steps=40)
elif [ $# -gt 0 ]; then
  echo "use: launch/quickstart.sh [--short]" >&2
  exit 2
fi

launch/setup.sh
cmake --preset default
cmake --build --preset default --target espalier

names="T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
images=/usr/share/datasets/fashion-mnist
build/espalier pack --source $images/train --format idx --class-names "$names" --out data/fashion_mnist/train
build/espalier pack --source $images/t10k --format idx --class-names "$names" --out data/fashion_mnist/test

ranks=$(nproc)
[ "$ranks" -le 2 ] || ranks=2
launch/mpirun.sh "$ranks" build/espalier pretrain configs/pretrain/rotation_fashion_mnist.yaml "${pretrain[@]}" \
  --out "$out/pretrain" --resume
build/espalier transfer configs/transfer/quick_fashion_mnist.yaml "${transfer[@]}" \
  --backbone "$out/pretrain" --out "$out/transfer"
build/espalier report "$out/pretrain" "$out/transfer" --out "$out/report.html"
echo "quickstart: the page is $out/report.html"
