# Every configuration that is shipped passes a dry run, on images of its shape. Batch, lanes, and what makes a network
# large without changing what may stand beside it, are small here; that a file's batch and lanes fit is asked of the file.

# 512 records of CIFAR-10's binary format and as many of Fashion-MNIST's, of noise; what is an image of ImageNet is
# decided by the views, so the first stands in for it, and for photos.
/usr/bin/python3 - <<'PYTHON'
import os, random, struct
draw, count = random.Random(1), 512
for part in "train", "test":
    os.makedirs(f"cifar/{part}")
    os.makedirs(f"grey/{part}")
    with open(f"cifar/{part}/data_batch_1.bin", "wb") as file:
        for i in range(count):
            file.write(bytes([i % 10]) + draw.randbytes(3072))
    with open(f"grey/{part}/grey-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">4i", 2051, count, 28, 28) + draw.randbytes(784 * count))
    with open(f"grey/{part}/grey-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">2i", 2049, count) + bytes(i % 10 for i in range(count)))
PYTHON
for part in train test; do
  "$ESPALIER" pack --quiet --source cifar/$part --format cifar --out data/cifar10/$part --shard-size 10000000
  "$ESPALIER" pack --quiet --source grey/$part/grey --format idx --out data/fashion_mnist/$part --shard-size 10000000
done
ln -s cifar10 data/imagenet
ln -s cifar10 data/photos

dry_run() { # CONFIG
  local batch lanes option small=(data.batch=2 parallel.lanes=1 train.steps=1)
  batch=$(sed -n 's/^  batch: //p' "$1") lanes=$(sed -n 's/^  lanes: //p' "$1")
  [ $((batch % ${lanes:-1})) -eq 0 ] || { echo "$1: data.batch $batch is no multiple of parallel.lanes $lanes"; return 1; }
  ! grep -q '^  name: vit_' "$1" || small+=(model.depth=2)
  for option in hidden dimension prototypes; do
    ! grep -q "^  $option: " "$1" || small+=("task.$option=16")
  done
  timeout 300 "$ESPALIER" pretrain "$1" --dry-run --quiet "${small[@]}" >dry.$$ 2>&1 ||
    { echo "$1:"; cat dry.$$; return 1; }
}
export -f dry_run
find "$SOURCE/configs" -name '*.yaml' -not -path '*/transfer/*' | sort >files
[ "$(wc -l <files)" -gt 20 ] || fail "configurations are missing: $(cat files)"
xargs -n 1 -P "$(nproc)" bash -c 'dry_run "$0"' <files || fail "a shipped configuration does not pass a dry run"

# Presets of the transfer stage, each with a backbone of one step that was made for its images.
for half in cifar10_a cifar10_b; do ln -s cifar10 data/$half; done
backbone() { # SET SIZE
  "$ESPALIER" pretrain "$SOURCE/configs/smoke/transformation.yaml" --quiet --out "backbones/$1" data.shards="data/$1/train" \
    "augment.views=[\"resize($2, $2)\"]" "augment.evaluate=\"resize($2, $2)\"" data.batch=2 parallel.lanes=1 train.steps=1 'train.hooks=[]'
}
backbone cifar10 32 && backbone fashion_mnist 28 && backbone photos 64
ln -s cifar10 backbones/cifar10_b
for preset in "$SOURCE"/configs/transfer/*.yaml; do
  set=$(sed -n 's|^  train: data/\(.*\)/train$|\1|p' "$preset")
  "$ESPALIER" transfer "$preset" --backbone "backbones/$set" --out sweep --dry-run --quiet transfer.labels_per_class=[2] \
    >dry 2>&1 || fail "$preset: $(cat dry)"
done
