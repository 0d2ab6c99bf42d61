#!/usr/bin/env bash
# test.sh [OPTION...]: sets up, builds, and runs every test. Options go to ctest. At the end stand the
# seconds of each test program, the slowest first; the last line is "N passed, N failed". Where CI or
# ROBIQ_TESTS_STRICT=1 is set, a skipped test has failed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/setup.sh" --tests
"$root/scripts/build.sh" release
cd "$root"
if [[ -n ${CI:-} ]]; then
  export ROBIQ_TESTS_STRICT=${ROBIQ_TESTS_STRICT:-1}
fi
# As many programs at once as there are cores, of one thread each but for the few that look at work
# which threads share (tests/CMakeLists.txt); threads that wait must then not spin.
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
export OPENBLAS_THREAD_TIMEOUT=${OPENBLAS_THREAD_TIMEOUT:-16}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
ctest --preset release --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log" || status=$?

echo
echo "seconds  test program"
sed -nE 's,^ *[0-9]+/[0-9]+ Test +#[0-9]+: ([^ ]+) .* ([0-9.]+) sec.*,\2 \1,p' "$log" | sort -rn |
  awk '{ printf "%7.1f  %s\n", $1, $2; sum += $1 } END { printf "%7.1f  all\n", sum }'

counts=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$log")
read -r failed total <<<"${counts:-0 0}"
echo "$((total - failed)) passed, $failed failed"
exit "$status"
