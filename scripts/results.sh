#!/usr/bin/env bash
# results.sh [--list] [STEP...]: makes anew what README and docs show, from an empty folder: every
# step, or those that are named. A step is a study of experiments/, or
#   pictures     docs/images: attacked pictures of the demo's baseline
#   standard     docs/results/standard: the worst case of the two models that come with robiq
#   performance  out/performance.txt: what `robiq bench` says where docs/performance.md shows it
#   photographs  out/photographs/report: needs PHOTOS, a folder of pristine photographs
# --list says what would be made, by which commands, and makes nothing. What an earlier run has done
# stays in out/, so that the same command goes on where it was stopped. Tables become Markdown, the
# page pictures where Chromium is there; figures with pictures in them become PNGs (rsvg-convert, of
# librsvg2-bin). THREADS=N: threads of arithmetic. PROCESSES=N: work side by side, in so many
# processes of one thread.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ -z ${PHOTOS:-} ]] || PHOTOS=$(realpath "$PHOTOS")
[[ -z ${ROBIQ:-} ]] || ROBIQ=$(realpath "$ROBIQ")
cd "$root"
robiq=${ROBIQ:-$root/build/release/robiq}
studies=(mini-paper mini-lambda mini-examples mini-models mini-defenses worst-case)
steps=(pictures standard "${studies[@]}")
threads=(${THREADS:+--threads "$THREADS"})
processes=("${threads[@]}")
if [[ -n ${PROCESSES:-} ]]; then processes=(--parallel "$PROCESSES" --threads 1); fi
largest_svg_bytes=400000
list=no

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

# run COMMAND...: runs robiq, or says that it would.
run() {
  if [[ $list == yes ]]; then
    printf '  robiq %s\n' "$*"
  else
    "$robiq" "$@" --quiet >/dev/null
  fi
}

# picture_of PAGE PNG WIDTH HEIGHT: the top of a page as a picture.
picture_of() {
  local profile
  profile=$(mktemp -d)
  chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --hide-scrollbars --user-data-dir="$profile" --virtual-time-budget=8000 \
    --window-size="$3,$4" --screenshot="$2" "file://$1" >/dev/null 2>&1
  rm -rf "$profile"
}

# put_report OUT TO COMMAND...: the report of OUT under TO, below the commands that made it.
put_report() {
  local out=$1 to=$2
  shift 2
  run report "$out"
  [[ $list == no ]] || return 0
  local place=$to
  to=$to.new
  rm -rf "$to"
  mkdir -p "$to/figures"
  {
    printf '<!-- Made by scripts/results.sh. -->\n\n```\n'
    printf '%s\n' "$@"
    printf 'robiq report %s\n```\n\n' "$out"
    cat "$out/report/report.md"
  } >"$to/README.md"
  for figure in $(grep -oE 'figures/[^)]*\.svg' "$to/README.md"); do
    if [[ $(stat --format=%s "$out/report/$figure") -gt $largest_svg_bytes ]]; then
      rsvg-convert "$out/report/$figure" --output "$to/${figure%.svg}.png"
      sed -i "s|$figure|${figure%.svg}.png|" "$to/README.md"
    else
      cp "$out/report/$figure" "$to/$figure"
    fi
  done
  if command -v chromium >/dev/null; then
    picture_of "$root/$out/report/index.html" "$to/page-wide.png" 1360 1500
    picture_of "$root/$out/report/index.html" "$to/page-narrow.png" 500 1500
  fi
  rm -rf "$place"
  mv "$to" "$place"
}

# make_study NAME [LINE...]: the lines stand before its command in the report.
make_study() {
  local command=(experiment run "experiments/$1.toml" --out "out/$1" "${processes[@]}")
  local to=docs/results/$1
  shift
  run "${command[@]}"
  put_report "${command[4]}" "$to" "$@" "robiq ${command[*]}"
}

# What the models of hyperiqa-builtin begin with, in place of a ResNet-50 of ImageNet: a ResNet-50 that
# learned to see on other scenes, and then a HyperIQA around it, whose sigmoids learn slowly. In
# bfloat16 where the processor has instructions for it.
make_first_weights() {
  local precision=fp32 best=checkpoints/best.safetensors
  if grep -q bf16 /proc/cpuinfo; then precision=bf16; fi
  local common=(--schedule cosine --precision "$precision" --resume "${threads[@]}")
  local resnet=(--model korhonen-substitute --optimizer adam --learning-rate 1e-3 "${common[@]}")
  run train --data builtin:scenes=320,size=128,seed=1,levels=6 --batch-size 16 --epochs 2 \
    --out out/resnet-128 "${resnet[@]}"
  run train --data builtin:scenes=600,size=64,seed=1 --batch-size 32 --epochs 5 \
    --init "out/resnet-128/$best" --out out/resnet "${resnet[@]}"
  local hyperiqa=(--model hyperiqa --batch-size 8 --epochs 1 "${common[@]}")
  run train --data builtin:scenes=120,size=224,seed=1 --learning-rate 1e-3 --max-steps 400 \
    --init "backbone=out/resnet/$best" --out out/first-a "${hyperiqa[@]}"
  run train --data builtin:scenes=120,size=224,seed=1 --learning-rate 5e-4 --max-steps 500 \
    --init "out/first-a/$best" --out out/first-b "${hyperiqa[@]}"
  run train --data builtin:scenes=300,size=224,seed=1 --learning-rate 5e-4 --max-steps 850 \
    --init "out/first-b/$best" --out out/first-c "${hyperiqa[@]}"
  run train --data builtin:scenes=800,size=224,seed=1 --learning-rate 5e-4 --max-steps 1800 \
    --init "out/first-c/$best" --out out/first "${hyperiqa[@]}"
}

make_standard() {
  local commands=() name command
  for name in cnniqa cnniqa-nt; do
    command=(evaluate --model cnniqa --weights "assets/models/$name.safetensors"
      --data "builtin:scenes=20,size=96,seed=1000" --attack standard --level image --limit 60
      --out out/standard "${processes[@]}")
    run "${command[@]}"
    commands+=("robiq ${command[*]}")
  done
  put_report out/standard docs/results/standard "${commands[@]}"
}

make_pictures() {
  local name file
  run demo --epochs 0 --out out/demo "${threads[@]}"
  run evaluate --weights out/demo/base/checkpoints/best.safetensors --level image --limit 2 \
    --surrogate cnniqa --surrogate-weights out/demo/surrogate/checkpoints/best.safetensors \
    --attack fgsm ifgsm perceptual:steps=10,weight=100000 uap:out/demo/uap.safetensors korhonen \
    --save 1 --triplet 20 --out out/pictures "${threads[@]}"
  [[ $list == no ]] || return 0
  for name in fgsm ifgsm perceptual uap korhonen; do
    file=$(find out/pictures -path "*/$name*" -name '*.triplet.png' | sort | head -n 1)
    cp "$file" "docs/images/attack-$name.png"
  done
  cp docs/images/attack-fgsm.png docs/images/triplet.png
}

make_performance() {
  local line
  [[ $list == yes ]] || : >out/performance.txt
  grep -oE '^robiq bench .*' docs/performance.md | sort -u | while read -r line; do
    if [[ $list == yes ]]; then
      printf '  %s\n' "$line"
    else
      read -ra words <<<"${line#robiq }"
      { printf '$ %s\n' "$line" && "$robiq" "${words[@]}" --quiet </dev/null; } >>out/performance.txt
    fi
  done
}

make_photographs() {
  local data=csv:out/photographs/set/dataset.csv base=out/photographs/base nt=out/photographs/nt weights
  if [[ ! -e out/photographs/set/dataset.csv ]]; then
    [[ $list == yes ]] || : "${PHOTOS:?name a folder of pristine photographs in PHOTOS}"
    run data synthesize --from "${PHOTOS:-PHOTOS}" \
      --only 'kodim*' 'maniqa_*' 'hyperiqa_*' 'frame*' 'tid2013_I06*' 'tid2013_I19*' \
      --out out/photographs/set
  fi
  run train --data "$data" --out "$base" --resume "${threads[@]}"
  run train --data "$data" --out "$nt" --nt --resume "${threads[@]}"
  for weights in "$base" "$nt"; do
    run evaluate --weights "$weights/checkpoints/best.safetensors" --data "$data" --attack fgsm ifgsm \
      --level image --out out/photographs/evaluation "${threads[@]}"
  done
  run report out/photographs/evaluation --out out/photographs/report
}

made_by() {
  case $1 in
    pictures) echo docs/images ;;
    performance) echo out/performance.txt ;;
    photographs) echo out/photographs/report ;;
    *) echo "docs/results/$1" ;;
  esac
}

chosen=()
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit 0 ;;
    --list) list=yes ;;
    -*) echo "results.sh: '$argument' is not an option; --help says which there are" >&2 && exit 2 ;;
    *) chosen+=("$argument") ;;
  esac
done
[[ ${#chosen[@]} -gt 0 ]] || chosen=("${steps[@]}")
for step in "${chosen[@]}"; do
  case " pictures standard performance photographs ${studies[*]} " in
    *" $step "*) ;;
    *) [[ -e experiments/$step.toml ]] ||
      { echo "results.sh: no step and no study is called '$step'; --help says which there are" >&2 && exit 2; } ;;
  esac
  case $step in
    pictures | performance | photographs) ;;
    *) [[ $list == yes ]] || command -v rsvg-convert >/dev/null ||
      { echo "results.sh: rsvg-convert is missing: apt-get install librsvg2-bin" >&2 && exit 1; } ;;
  esac
done

[[ $list == yes ]] || mkdir -p out
for step in "${chosen[@]}"; do
  if [[ $list == yes ]]; then echo "$step: $(made_by "$step")"; fi
  case $step in
    pictures | standard | performance | photographs) "make_$step" ;;
    hyperiqa-builtin)
      make_first_weights
      make_study "$step" "./scripts/results.sh $step   # makes the first weights, and then runs"
      ;;
    *) make_study "$step" ;;
  esac
  if [[ $list == no ]]; then made_by "$step"; fi
done
