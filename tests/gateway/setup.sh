#!/bin/sh
# Installs the gateway that tests/gateway asks: litellm, in an environment of its own (.gateway/, about half a gigabyte),
# since its pins (openai 2.x, websockets 15) do not fit ours.
set -eu
cd "$(dirname "$0")/../.."
"${PY:-python3}" -m venv .gateway
.gateway/bin/python -m pip --disable-pip-version-check -q install 'litellm[proxy]==1.106.2'
LITELLM_LOCAL_MODEL_COST_MAP=True .gateway/bin/litellm --version
