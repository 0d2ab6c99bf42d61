#!/usr/bin/env bash
# models.sh FOLDER [ROBIQ]: trains the models that come with robiq (assets/models, docs/models.md).
# The same bytes on one machine. SCENES, STAGES and EPOCHS shrink it, for tests.
set -euo pipefail
out=${1:?usage: models.sh FOLDER [ROBIQ]}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
robiq=${2:-$root/build/release/robiq}
if [[ -d $out && -n $(ls -A "$out") ]]; then
  echo "error: '$out' holds files already" >&2
  echo "  hint  name an empty folder: the models are trained in one go" >&2
  exit 2
fi
# SIZE:TEXTURE of the scenes of each stage.
read -ra stages <<< "${STAGES:-128:1 192:0.5 256:1}"

# train NAME EPOCHS FLAG...: from stage to stage, each with scenes of its own. It begins with
# OUT/NAME.safetensors where that is there, and leaves its result in its place.
train() {
  local name=$1 epochs=$2 file=$out/$1.safetensors place size texture run init
  shift 2
  for place in "${!stages[@]}"; do
    IFS=: read -r size texture <<< "${stages[place]}"
    run=$out/runs/$name-$place init=()
    if [ -e "$file" ]; then init=(--init "$file"); fi
    "$robiq" train --model cnniqa --schedule cosine --epochs "$epochs" \
      --data "builtin:scenes=${SCENES:-160},size=$size,seed=$place,texture=$texture,levels=6" \
      "${init[@]}" "$@" --threads 1 --device cpu --quiet --out "$run" >&2
    cp "$run/checkpoints/best.safetensors" "$file"
  done
}

mkdir -p "$out"
train cnniqa "${EPOCHS:-3}"
# The twin begins with the baseline and is trained for one more epoch of each stage, with the NT term.
cp "$out/cnniqa.safetensors" "$out/cnniqa-nt.safetensors"
train cnniqa-nt 1 --nt
(cd "$out" && sha256sum cnniqa.safetensors cnniqa-nt.safetensors)
