#!/bin/sh
# Verifies an export of a real log, and the vectors, with Debian's Go packages. Offline: GOPATH is Debian's and a link to
# those two files of the CT package that need no C++.
# Usage: go_verify.sh EXPORT-PROGRAM VECTORS GO-CACHE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
gocode=/usr/share/gocode
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/go/src/ctmerkle"
for file in merkle_verifier.go tree_hasher.go; do
  ln -s "$gocode/src/github.com/google/certificate-transparency/go/merkletree/$file" "$work/go/src/ctmerkle/$file"
done
export GO111MODULE=off GOFLAGS= GOPROXY=off GOTOOLCHAIN=local GOPATH="$work/go:$gocode" GOCACHE="$3" HOME="$work"
(cd "$here/go" && go build -o "$work/verify" main.go)

# 66,000 entries: a full tile on level 1, partial ones on three levels.
"$1" "$work/log" 66000
"$work/verify" "$work/log/export" "$work/log/vkey" "$2"

# The same program must notice an altered byte, or it proves nothing.
for file in tile/entries/100 tile/0/100 tile/1/000 checkpoint; do
  cp -r "$work/log/export" "$work/altered"
  printf '\377' | dd of="$work/altered/$file" bs=1 seek=40 conv=notrunc status=none
  if "$work/verify" "$work/altered" "$work/log/vkey" "$2" > /dev/null 2>&1; then
    echo "go_verify: an altered $file was accepted" >&2
    exit 1
  fi
  rm -rf "$work/altered"
done
echo "altered files were refused"
