#!/bin/sh
# Compiles the contract and the example once into the folder OUT, with Debian's grpc-java, and runs it.
# Usage: run.sh PROTO_DIR OUT HUB RESOURCE CONSUMER FIELD,… KEY
set -eu
here=$(cd "$(dirname "$0")" && pwd)
protos=$1 out=$2
shift 2
jars=/usr/share/java
path=$out/classes
for jar in grpc-api grpc-context grpc-core grpc-netty grpc-protobuf grpc-protobuf-lite grpc-stub guava failureaccess protobuf \
  netty-buffer netty-codec netty-codec-http netty-codec-http2 netty-common netty-handler netty-resolver netty-transport netty-tcnative \
  opencensus-api perfmark-api geronimo-annotation-1.3-spec; do
  path=$path:$jars/$jar.jar
done
newest=$(ls -t "$protos"/zhanqiao/v1/*.proto "$here"/*.java | head -1)
if [ ! -f "$out/done" ] || [ "$newest" -nt "$out/done" ]; then
  rm -rf "$out/source" "$out/classes"
  mkdir -p "$out/source" "$out/classes"
  cd "$protos"
  protoc -I . --java_out="$out/source" --grpc-java_out="$out/source" \
    --plugin=protoc-gen-grpc-java=/usr/bin/grpc_java_plugin google/rpc/*.proto \
    zhanqiao/v1/access.proto zhanqiao/v1/exchange.proto zhanqiao/v1/feed.proto zhanqiao/v1/receipt.proto \
    zhanqiao/v1/record.proto zhanqiao/v1/catalog.proto zhanqiao/v1/ledger.proto
  find "$out/source" -name '*.java' -print0 | xargs -0 javac -nowarn -proc:none -cp "$path" -d "$out/classes" "$here"/*.java
  touch "$out/done"
fi
# Debian's Netty takes ALPN from OpenSSL, not from the JDK, and looks for its library under a name Debian does not give it.
mkdir -p "$out/jni"
cp -u /usr/lib/*/jni/libnetty-tcnative.so "$out/jni/libnetty_tcnative.so"
exec java -Djava.library.path="$out/jni" -XX:TieredStopAtLevel=1 -Xshare:auto -cp "$path" Client "$@"
