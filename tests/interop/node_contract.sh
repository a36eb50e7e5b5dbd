#!/bin/sh
# The contract as @grpc/grpc-js sees it. Installs the pinned packages when they are absent.
set -eu
cd "$(dirname "$0")"
[ -d node_modules/@grpc/grpc-js ] || npm ci --no-audit --no-fund --loglevel=error
exec node client_contract.mjs "$@"
