#!/usr/bin/env bash
# models.sh FOLDER [ROBIQ]: trains the model that comes with robiq (assets/models, docs/models.md).
# The same bytes on one machine. SCENES, SIZE and EPOCHS shrink it, for tests.
set -euo pipefail
out=${1:?usage: models.sh FOLDER [ROBIQ]}
robiq=${2:-build/release/robiq}

"$robiq" train --model cnniqa --data "builtin:scenes=${SCENES:-40},size=${SIZE:-192}" \
  --epochs "${EPOCHS:-5}" --threads 1 --device cpu --quiet --out "$out/runs/cnniqa" >&2
cp "$out/runs/cnniqa/checkpoints/best.safetensors" "$out/cnniqa.safetensors"
(cd "$out" && sha256sum cnniqa.safetensors)
