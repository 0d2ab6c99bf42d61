#!/usr/bin/env bash
# build.sh [PRESET [TARGET]]: sets up, configures and builds build/PRESET (release, dev or asan),
# all of it or one target.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
target=${2:-all}

# As many compilers as there are cores, but no more than the memory feeds at 1.5 GB each.
jobs_that_fit() {
  local cores memory limit
  cores=$(nproc)
  memory=$(awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  awk -v cores="$cores" -v memory="$memory" -v limit="$limit" 'BEGIN {
    if (limit != "max" && limit + 0 < memory) memory = limit + 0
    jobs = int(memory / 1.5e9)
    if (jobs > cores) jobs = cores
    print jobs < 1 ? 1 : jobs
  }'
}

"$root/scripts/setup.sh"
cd "$root"
cmake --preset "$preset"
cmake --build --preset "$preset" --target "$target" --parallel "$(jobs_that_fit)"
