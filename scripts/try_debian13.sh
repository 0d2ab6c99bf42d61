#!/usr/bin/env bash
# try_debian13.sh FOLDER [COMMAND...]: makes a Debian 13 in FOLDER (with debootstrap; a folder that
# holds one is used again), clones what this checkout has committed into it, and runs
# ./scripts/test.sh there, or COMMAND. As root, on any Debian. The host's certificates and proxies
# are passed on; ROBIQ_DEBIAN_MIRROR names another mirror. Test data that lie beside the checkout
# (../shared) lie beside the clone too.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mirror=${ROBIQ_DEBIAN_MIRROR:-http://deb.debian.org/debian}
home=/root/robiq/main

fail() {
  echo "error: $1" >&2
  echo "  hint  $2" >&2
  exit 1
}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -nE '2,/^set /s/^# ?//p' "${BASH_SOURCE[0]}"
  exit 0
fi
[[ $# -ge 1 && $1 != -* ]] ||
  fail "no folder for Debian 13 was named" "try_debian13.sh FOLDER [COMMAND...]"
[[ $EUID -eq 0 ]] || fail "only root can make a Debian in a folder" "run it as root, or with sudo"
command -v debootstrap >/dev/null || fail "debootstrap is missing" "apt-get install debootstrap"
git -C "$root" rev-parse HEAD >/dev/null 2>&1 ||
  fail "$root is not a git checkout" "clone the project, and run the script of the clone"

mkdir -p "$1"
debian=$(cd "$1" && pwd)
shift
command=("$@")
[[ ${#command[@]} -gt 0 ]] || command=(./scripts/test.sh)

mounted=()
release() {
  local i
  for ((i = ${#mounted[@]} - 1; i >= 0; --i)); do
    umount --recursive --lazy "${mounted[i]}" || true
  done
}
trap release EXIT

# bring SOURCE PLACE: SOURCE is seen at PLACE of the Debian; what is unmounted there stays here.
bring() {
  mkdir -p "$debian$2"
  mount --rbind "$1" "$debian$2"
  mount --make-rslave "$debian$2"
  mounted+=("$debian$2")
}

# Done to its end, or not done.
if [[ ! -e $debian/etc/robiq-debootstrapped ]]; then
  debootstrap --variant=minbase trixie "$debian" "$mirror"
  touch "$debian/etc/robiq-debootstrapped"
fi

for place in proc sys dev; do
  bring "/$place" "/$place"
done
cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
cp -L /etc/hosts "$debian/etc/hosts" # the name of this machine too
if [[ -d /etc/ssl/certs ]]; then
  mkdir -p "$debian/etc/ssl/certs" "$debian/usr/local/share/ca-certificates"
  cp -rL --remove-destination /etc/ssl/certs/. "$debian/etc/ssl/certs/"
  find /usr/local/share/ca-certificates -name '*.crt' \
    -exec cp -L --remove-destination {} "$debian/usr/local/share/ca-certificates/" \; 2>/dev/null || true
fi
for file in $(grep -l '^Acquire::' /etc/apt/apt.conf.d/* 2>/dev/null); do
  cp -L "$file" "$debian/etc/apt/apt.conf.d/"
done
[[ ! -e $HOME/.npmrc ]] || cp -L "$HOME/.npmrc" "$debian/root/.npmrc"

# What the host says of proxies, certificates and CI holds inside too.
passed=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
while IFS='=' read -r name _; do
  case $name in
    *_proxy | *_PROXY | SSL_CERT_* | *_CA_BUNDLE | *_CAINFO | *_CERT | NODE_EXTRA_CA_CERTS | CI)
      passed+=("$name=${!name}")
      ;;
  esac
done < <(env)

inside() {
  chroot "$debian" /usr/bin/env -i "${passed[@]}" "$@"
}

rm -rf "${debian:?}$home"
mkdir -p "$(dirname "$debian$home")"
git clone --quiet --no-hardlinks "$root" "$debian$home"
[[ ! -d $root/../shared ]] || bring "$(cd "$root/../shared" && pwd)" "$(dirname "$home")/shared"

inside sh -c "cd $home && exec \"\$@\"" sh "${command[@]}"
