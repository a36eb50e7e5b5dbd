#!/bin/sh
# A department system with curl, jq and openssl: applies for a grant, asks, verifies its receipt. (Streams and feeds are
# gRPC; JSON over HTTPS has every unary call.)
# Usage: client.sh HUB RESOURCE CONSUMER FIELD,… KEY, with ZQ_CA ZQ_CERT ZQ_KEY and ZQ_VKEY in the environment. The first field
# is the key that is asked for. Prints one JSON object.
set -eu
hub=$1 resource=$2 consumer=$3 fields=$4 key=$5
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# call SERVICE/METHOD REQUEST: the answer, or the refusal on standard error.
call() {
  curl --silent --show-error --fail-with-body --cacert "$ZQ_CA" --cert "$ZQ_CERT" --key "$ZQ_KEY" \
    --header 'content-type: application/json' --data "$2" "https://$hub/zhanqiao.v1.$1" > "$work/answer" || {
    cat "$work/answer" >&2
    exit 1
  }
  cat "$work/answer"
}

# A grant of an unconditional resource is active at once; others wait for their provider's two approvers.
grant=$(call AccessService/CreateGrant "$(jq -n --arg c "$consumer" --arg r "$resource" --arg f "$fields" \
  '{grant: {consumer: $c, resource: $r, purpose: "接口示例", fields: [$f | split(",")[] | {field: .}]}}')" | jq -r .name)
call AccessService/SubmitGrant "{\"name\": \"$grant\"}" > /dev/null

call ExchangeService/Query "$(jq -n --arg g "$grant" --arg f "${fields%%,*}" --arg k "$key" \
  '{grant: $g, matter: "例-0001", conditions: [{field: $f, comparison: "COMPARISON_EQUALS", value: {text: $k}}]}')" > "$work/rows"
index=$(jq -r '.receipt.index // "0"' "$work/rows")

# The proof: sibling hashes, an empty line, the signed checkpoint (C2SP tlog-proof).
call ReceiptService/GetReceipt "{\"index\": \"$index\"}" > "$work/receipt"
jq -r .proof "$work/receipt" | sed '/^$/,$d' | sed 1,2d > "$work/hashes"
jq -r .proof "$work/receipt" | sed '1,/^$/d' > "$work/checkpoint"
sed '/^$/,$d' "$work/checkpoint" > "$work/body"

# The signature: the line of our key, behind its four bytes of id; Ed25519 over the lines before the empty one.
name=${ZQ_VKEY%%+*} rest=${ZQ_VKEY#*+}
printf '302a300506032b6570032100%s' "$(printf %s "${rest#*+}" | base64 -d | tail -c 32 | od -An -tx1 | tr -d ' \n')" |
  sed 's/../\\x&/g' | xargs -0 printf '%b' > "$work/key.der"
sed -n "s|^— $name ||p" "$work/checkpoint" | head -1 | base64 -d | tail -c 64 > "$work/signature"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$work/body" -sigfile "$work/signature" > /dev/null

# The tree (RFC 9162, 2.1.3.2).
hash() { cat "$@" | openssl dgst -sha256 -binary; }
printf '\000' > "$work/leaf"
printf '\001' > "$work/inner"
jq -r .entry "$work/receipt" | base64 -d > "$work/entry"
hash "$work/leaf" "$work/entry" > "$work/result"
node=$index
last=$(($(sed -n 2p "$work/body") - 1))
while read -r line; do
  [ "$last" -gt 0 ] || exit 1
  printf %s "$line" | base64 -d > "$work/sibling"
  if [ $((node & 1)) -eq 1 ] || [ "$node" -eq "$last" ]; then
    hash "$work/inner" "$work/sibling" "$work/result" > "$work/next"
    while [ $((node & 1)) -eq 0 ] && [ "$node" -gt 0 ]; do node=$((node >> 1)) last=$((last >> 1)); done
  else
    hash "$work/inner" "$work/result" "$work/sibling" > "$work/next"
  fi
  mv "$work/next" "$work/result"
  node=$((node >> 1)) last=$((last >> 1))
done < "$work/hashes"
[ "$last" -eq 0 ]
[ "$(base64 < "$work/result")" = "$(sed -n 3p "$work/body")" ]

jq -n --arg g "$grant" --slurpfile rows "$work/rows" '{grant: $g, rows: ($rows[0].records.rows | length), verified: true}'
