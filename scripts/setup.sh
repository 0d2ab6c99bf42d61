#!/usr/bin/env bash
# setup.sh [--python | --tests]: installs the Debian packages that robiq is built with; with --python
# also those of the Python package, with --tests those that tests use: what is missing of them. May
# be run again.
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache pkg-config
  libtorch-dev libopenblas0-pthread libgloo-dev   # OpenBLAS: plain libblas3 works and crawls
  libopencv-dev                                   # its CMake files are in no smaller package
  libtiff-dev libpng-dev libjpeg62-turbo-dev      # decode pictures, and tell what is damaged
  libavformat-dev libavcodec-dev libswscale-dev   # decode videos
  libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libspdlog-dev libfmt-dev
  libsqlitecpp-dev libsqlite3-dev libeigen3-dev libmatio-dev libpugixml-dev libssl-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev clang-format
  nodejs                                          # draws the figures of reports
)

if [[ ${1:-} == --python ]]; then
  packages+=(python3-torch python3-numpy pybind11-dev python3-dev python3-venv)
fi
if [[ ${1:-} == --tests ]]; then
  packages+=(python3-torch python3-numpy)         # write checkpoints as the field's programs do
  packages+=(pybind11-dev python3-dev)            # the Python package is built where these are
  packages+=(python3-pytest python3-pil python3-tqdm)
  packages+=(chromium)                            # looks at the report's page
  packages+=(texlive-latex-recommended poppler-utils)   # set the report's LaTeX tables, and read them
fi

is_installed() {
  dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

# Runs a command as root, or fails when that is not to be had.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

# Other packages of Node.js bring npm with them, and clash with Debian's.
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done

if [[ ${#missing[@]} -gt 0 ]]; then
  if ! command -v apt-get >/dev/null || { [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; }; then
    echo "error: packages are missing, and they cannot be installed from here" >&2
    echo "  hint  with Debian's apt-get and as root (or with sudo), install: ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}" >&2
  as_root apt-get -o Acquire::Retries=3 update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o Acquire::Retries=3 install --yes --no-install-recommends -qq "${missing[@]}" >&2
fi

# OpenBLAS comes first by itself, unless somebody has pinned the plain libraries by hand.
for library in libblas liblapack; do
  for link in /usr/lib/*-linux-gnu*/"$library".so.3; do
    [[ -e $link ]] || continue
    multiarch=$(basename "$(dirname "$link")")
    openblas=/usr/lib/$multiarch/openblas-pthread/$library.so.3
    plain="/usr/lib/$multiarch/${library#lib}/"
    [[ $(readlink -f "$link") == "$plain"* && -e $openblas ]] || continue
    as_root update-alternatives --set "$library.so.3-$multiarch" "$openblas" >&2 ||
      echo "warning: $link is the plain library: tensor arithmetic will crawl; make it $openblas" >&2
  done
done
