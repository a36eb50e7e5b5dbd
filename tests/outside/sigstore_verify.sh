#!/bin/sh
# Installs the pinned package when it is absent, then verifies.
set -eu
cd "$(dirname "$0")"
[ -d node_modules/@sigstore/verify ] || npm ci --no-audit --no-fund --loglevel=error
exec node sigstore_verify.mjs "$@"
