#!/usr/bin/env bash
# Installs what Espalier builds and runs on: Debian 12 packages (apt-get, root or sudo) and LibTorch from the PyPI
# torch wheel, into a per-user cache that all checkouts share. Run again at no cost.
#
#   launch/setup.sh          everything a CPU machine needs, and the headers and NCCL that the GPU module is built with
#   launch/setup.sh --gpu    also the CUDA libraries that LibTorch needs at run time on a GPU (3.3 GB)
#
# LIBTORCH_ROOT=/path/to/libtorch names an existing LibTorch (>= 2.13); then no wheel is fetched.
# XDG_CACHE_HOME moves the cache (default ~/.cache).
set -euo pipefail

packages=(
  clang-14 g++ cmake ninja-build ccache python3 python3-pip python3-venv zstd git ca-certificates
  libopenmpi-dev openmpi-bin libhdf5-dev libyaml-cpp-dev libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev
  libjpeg62-turbo-dev libturbojpeg0-dev libpng-dev libwebp-dev libdeflate-dev libssl-dev libhwy-dev libarchive-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev clang-format-14 python3-h5py dataset-fashion-mnist
)
torch_wheels=(
  torch==2.14.1 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85   # to load libtorch_cpu
  nvidia-nccl-cu13==2.30.7 nvidia-cuda-crt==13.0.88                       # to build and load the GPU communicator
)
gpu_wheels=(
  nvidia-cublas==13.1.1.3 nvidia-cudnn-cu13==9.24.0.43 nvidia-cusparselt-cu13==0.8.1 nvidia-nvshmem-cu13==3.4.5
  nvidia-cufft==12.0.0.61 nvidia-cufile==1.15.1.6 nvidia-curand==10.4.0.35 nvidia-cusparse==12.6.3.3
  nvidia-cuda-nvrtc==13.0.88 nvidia-cusolver==12.0.4.66 nvidia-nvjitlink
)

install_packages() {
  local missing=() as_root=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Unpacks wheels into the cache's folder of LibTorch; the marker file of tier $1 appears only when all are there.
install_wheels() {
  local tier=$1; shift
  local root=${XDG_CACHE_HOME:-$HOME/.cache}/espalier/libtorch-2.14.1
  [ -e "$root/.tier-$tier" ] && return
  echo "setup: fetching $* into $root"
  mkdir -p "$root"
  local partial; partial=$(mktemp -d "$root.XXXXXX")
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --no-compile \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_25_x86_64 \
    --platform manylinux_2_18_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    --target "$partial" "$@"
  cp -a --link --no-clobber "$partial/." "$root/"
  touch "$root/.tier-$tier"
  rm -rf "$partial"
}

install_packages
if [ -z "${LIBTORCH_ROOT:-}" ]; then
  install_wheels cpu "${torch_wheels[@]}"
  if [ "${1:-}" = --gpu ]; then install_wheels gpu "${gpu_wheels[@]}"; fi
fi
echo "setup: ready"
