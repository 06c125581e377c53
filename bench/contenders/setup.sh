#!/bin/sh
# Installs what this server is compared with, Chainlit and oTree, each in an environment of its own (bench/.contenders/,
# about 300 MB), since their pins fit neither ours nor each other's. Both ask the model by the official client.
set -eu
cd "$(dirname "$0")/../.."
folder="${BENCH_CONTENDERS:-bench/.contenders}"
for contender in chainlit==2.12.0 otree==6.0.15; do
  name="${contender%%=*}"
  "${PY:-python3}" -m venv "$folder/$name"
  "$folder/$name/bin/python" -m pip --disable-pip-version-check -q install "$contender" openai==3.52.0
  "$folder/$name/bin/python" -m pip --disable-pip-version-check -q check || echo "$name: its own pins disagree (above)"
done
