#!/usr/bin/env bash
# results.sh [STUDY...]: runs the small studies (or those that are named) and puts what they report
# under docs/results/STUDY: tables and figures as Markdown, the page as pictures where Chromium is
# there. What an earlier run has done stays in out/STUDY. Figures with pictures in them become PNGs
# (rsvg-convert, of librsvg2-bin).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
robiq=$root/build/release/robiq
studies=("$@")
[[ ${#studies[@]} -gt 0 ]] || studies=(mini-paper mini-lambda mini-examples mini-models)
largest_svg_bytes=400000

# picture_of PAGE PNG WIDTH HEIGHT: the top of a page as a picture.
picture_of() {
  local profile
  profile=$(mktemp -d)
  chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --hide-scrollbars --user-data-dir="$profile" --virtual-time-budget=8000 \
    --window-size="$3,$4" --screenshot="$2" "file://$1" >/dev/null 2>&1
  rm -rf "$profile"
}

for study in "${studies[@]}"; do
  out=out/$study
  to=docs/results/$study
  "$robiq" experiment run "experiments/$study.toml" --out "$out" --quiet >/dev/null
  "$robiq" report "$out" --quiet >/dev/null
  rm -rf "$to"
  mkdir -p "$to/figures"
  {
    printf '<!-- Made by scripts/results.sh. -->\n\n```\n'
    printf 'robiq experiment run experiments/%s.toml --out %s\nrobiq report %s\n```\n\n' "$study" "$out" "$out"
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
  echo "$to"
done
