#!/usr/bin/env bash
# models.sh FOLDER [ROBIQ]: trains the models that come with robiq (assets/models, docs/models.md).
# The same bytes on one machine. SCENES, SIZE and EPOCHS shrink it, for tests.
set -euo pipefail
out=${1:?usage: models.sh FOLDER [ROBIQ]}
robiq=${2:-build/release/robiq}
train=("$robiq" train --model cnniqa --data "builtin:scenes=${SCENES:-40},size=${SIZE:-192}"
       --threads 1 --device cpu --quiet)

# The twin begins with the baseline and is trained for one more epoch, with the NT term.
"${train[@]}" --epochs "${EPOCHS:-5}" --out "$out/runs/cnniqa" >&2
"${train[@]}" --epochs 1 --init "$out/runs/cnniqa/checkpoints/best.safetensors" --nt \
  --out "$out/runs/cnniqa-nt" >&2
for name in cnniqa cnniqa-nt; do
  cp "$out/runs/$name/checkpoints/best.safetensors" "$out/$name.safetensors"
done
(cd "$out" && sha256sum cnniqa.safetensors cnniqa-nt.safetensors)
