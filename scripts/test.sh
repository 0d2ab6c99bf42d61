#!/usr/bin/env bash
# test.sh [OPTION...]: sets up, builds, and runs every test. Options go to ctest. The last line is
# "N passed, N failed".
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/setup.sh" --tests
"$root/scripts/build.sh" release
cd "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
ctest --preset release --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log" || status=$?

counts=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$log")
read -r failed total <<<"${counts:-0 0}"
echo "$((total - failed)) passed, $failed failed"
exit "$status"
