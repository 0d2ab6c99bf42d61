#!/usr/bin/env bash
# build.sh [PRESET [TARGET]]: sets up, configures and builds build/PRESET (release, dev or asan),
# all of it or one target.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
target=${2:-all}

"$root/scripts/setup.sh"
cd "$root"
cmake --preset "$preset"
cmake --build --preset "$preset" --target "$target" --parallel "$("$root/scripts/jobs.sh")"
