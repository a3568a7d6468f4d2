#!/usr/bin/env bash
# installed_package.sh BUILD CMAKE CXX [FLAGS]: installs BUILD into a scratch prefix and uses it from
# outside. FLAGS: what the consumer must be compiled with too (a sanitizer).
set -euo pipefail
build=$1
cmake=$2
cxx=$3
flags=${4:-}
here=$(cd "$(dirname "$0")/.." && pwd)
temp=$(mktemp -d "${TMPDIR:-/tmp}/quercus-package.XXXXXX")
trap 'rm -rf "$temp"' EXIT
fail() { echo "installed_package: $*" >&2; exit 1; }

"$cmake" --install "$build" --prefix "$temp/prefix" >"$temp/install.log" 2>&1 ||
    { cat "$temp/install.log"; fail "install failed"; }

for program in quercus quercus-server quercus-manager quercus-worker quercus-executor; do
    [ -x "$temp/prefix/bin/$program" ] || fail "bin/$program was not installed"
    case "$program" in quercus-executor) continue ;; esac
    "$temp/prefix/bin/$program" --version || fail "$program --version failed"
done
[ -s "$temp/prefix/share/quercus/proto/quercus/v1/tree.proto" ] || fail "the proto files are missing"

# The public headers are complete by themselves and show no gRPC or protobuf.
headers=$temp/prefix/include
[ -n "$(find "$headers" -name '*.hpp')" ] || fail "no headers were installed"
if grep -rniE 'grpc|protobuf|google::|absl::|\.pb\.h|boost' "$headers" --include='*.hpp' |
        grep -viE '^[^:]*:[0-9]*:[[:space:]]*//'; then
    fail "public headers name gRPC, protobuf or Boost (above)"
fi
find "$headers" -name '*.hpp' | while read -r header; do
    "$cxx" -std=c++20 -fsyntax-only -I"$headers" -x c++ "$header" || fail "$header does not compile alone"
done

"$cmake" -S "$here/consumer" -B "$temp/consumer" -DCMAKE_PREFIX_PATH="$temp/prefix" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Release >"$temp/configure.log" 2>&1 ||
    { cat "$temp/configure.log"; fail "find_package(Quercus) failed"; }
"$cmake" --build "$temp/consumer" || fail "the consumer does not build"
"$temp/consumer/consumer" "$temp/prefix/bin/quercus-executor" "$here/data/circuits/fredkin_n3.qasm" |
    tee "$temp/output"
grep -q 'two-qubit gates' "$temp/output" || fail "the consumer printed no result"
