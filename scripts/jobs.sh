#!/usr/bin/env bash
# jobs.sh: prints how many compilers may run at once: as many as there are cores, but no more than the
# memory feeds at 1.5 GB each.
set -euo pipefail

cores=$(nproc)
memory=$(awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo)
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
awk -v cores="$cores" -v memory="$memory" -v limit="$limit" 'BEGIN {
  if (limit != "max" && limit + 0 < memory) memory = limit + 0
  jobs = int(memory / 1.5e9)
  if (jobs > cores) jobs = cores
  print jobs < 1 ? 1 : jobs
}'
