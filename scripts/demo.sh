#!/usr/bin/env bash
# demo.sh [OPTION...]: sets up, builds, and shows the main job on data made on the fly. Options go
# to `robiq demo`; results are under out/demo.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/build.sh" release robiq_front
cd "$root"
exec build/release/robiq demo --out out/demo "$@"
