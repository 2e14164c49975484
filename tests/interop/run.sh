#!/usr/bin/env bash
# run.sh [PROGRAM]: exported backbones in timm, torchvision and transformers, and their weights in Espalier. Needs the
# wheels of PyPI, which are kept in the cache of the user; INTEROP_PYTHON names a Python that has them already.
set -euo pipefail
program=$(realpath "${1:-build/espalier}")
wheels="torch==2.14.1 torchvision==0.29.1 timm==1.0.31 transformers==5.24.0 safetensors==0.8.0"
if [ -z "${INTEROP_PYTHON:-}" ]; then
  venv=${XDG_CACHE_HOME:-$HOME/.cache}/espalier/interop-$(echo "$wheels" | sha256sum | cut -c1-12)
  if [ ! -x "$venv/ready" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    # shellcheck disable=SC2086
    "$venv/bin/pip" install -q $wheels
    ln -s bin/python "$venv/ready"
  fi
  INTEROP_PYTHON=$venv/bin/python
fi
export HF_HUB_OFFLINE=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
exec "$INTEROP_PYTHON" "$(dirname "$(realpath "$0")")/weights_test.py" "$program"
