#!/usr/bin/env bash
# Installs the Debian packages of packages.txt that are missing.
#   install-packages.sh            what building and running need
#   install-packages.sh --tests    also what the tests need
#   install-packages.sh --bench    also what tests/bench compares with
#   install-packages.sh --run      only what running needs
# Asks for root through sudo, and only when something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "${1:-}" in
  "") kinds="run build" ;;
  --tests) kinds="run build test" ;;
  --bench) kinds="run build test bench" ;;
  --run) kinds="run" ;;
  *) echo "install-packages: unknown option $1; known: --tests, --bench, --run" >&2; exit 2 ;;
esac

missing=()
while read -r kind package command; do
  [[ -z "$kind" || "$kind" == \#* ]] && continue
  [[ " $kinds " == *" $kind "* ]] || continue
  [[ -n "$command" ]] && command -v "$command" > /dev/null && continue
  state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ "$state" == ii* ]] || missing+=("$package")
done < packages.txt

if [ ${#missing[@]} -eq 0 ]; then
  echo "install-packages: everything is there" >&2
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "install-packages: run this as root, or install sudo: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "install-packages: ${missing[*]}" >&2
# Tests start the servers they need themselves: installing one must not start it on its well-known port.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  "${as_root[@]}" sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
