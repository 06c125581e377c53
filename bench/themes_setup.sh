#!/bin/sh
# Installs what the themes are compared with, hypothesaes, in an environment of its own (bench/.contenders/hypothesaes,
# about 2 GB with PyTorch). PyTorch comes first and by its version: that one is built for the processor alone.
set -eu
cd "$(dirname "$0")/.."
folder="${BENCH_CONTENDERS:-bench/.contenders}/hypothesaes"
"${PY:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip --disable-pip-version-check -q install torch==2.13.0
"$folder/bin/python" -m pip --disable-pip-version-check -q install hypothesaes==2.0.1
