#!/usr/bin/env bash
# Certificates for trying TLS between hosts: an authority of your own (ca.crt, ca.key) and, for each name, NAME.crt and
# NAME.key signed by it. For tests and trials: keys are not protected, and everything ends after 30 days.
#
#   ./scripts/test-certificates.sh DIR NAME[=ADDRESS[,ADDRESS]...]...
#   ./scripts/test-certificates.sh certs camera edge=10.0.0.7,edge.local cloud=10.0.0.9
#
# Every certificate is for NAME, localhost, 127.0.0.1, ::1 and the addresses given. An authority that is in DIR already is
# used again. KERF_CERTIFICATE_END=20200101000000Z makes certificates that ended then: for tests.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
dir=$1
shift
mkdir -p "$dir"
cd "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
run() { "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }

if [ ! -e ca.crt ]; then
  run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=kerf test authority" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.crt
fi
touch "$work/index" && echo 01 >"$work/serial"
cat >"$work/ca.conf" <<CONF
[ca]
default_ca = own
[own]
new_certs_dir = $work
database = $work/index
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
CONF
for host in "$@"; do
  name=${host%%=*}
  alternatives="DNS:$name,DNS:localhost,IP:127.0.0.1,IP:::1"
  if [ "$name" != "$host" ]; then
    IFS=, read -ra addresses <<<"${host#*=}"
    for address in "${addresses[@]}"; do
      if [[ $address =~ ^[0-9.]+$ || $address == *:* ]]; then
        alternatives+=",IP:$address"
      else
        alternatives+=",DNS:$address"
      fi
    done
  fi
  run openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
    -addext "subjectAltName=$alternatives" -keyout "$name.key" -out "$work/request"
  # Some minutes of the past are in, for hosts whose clocks differ.
  start=$(date -u -d '-10 minutes' +%Y%m%d%H%M%SZ)
  end=${KERF_CERTIFICATE_END:-$(date -u -d '+30 days' +%Y%m%d%H%M%SZ)}
  [ -z "${KERF_CERTIFICATE_END:-}" ] || start=20190101000000Z
  run openssl ca -batch -notext -config "$work/ca.conf" -cert ca.crt -keyfile ca.key -startdate "$start" -enddate "$end" \
    -in "$work/request" -out "$name.crt"
done
echo "in $dir: ca.crt, and a .crt and a .key for each of: $(printf '%s ' "${@%%=*}")"
