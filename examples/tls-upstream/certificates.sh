#!/bin/sh
# Makes an authority, and certificates that it has signed, in the folder certs beside this file.
set -eu
cd "$(dirname "$0")"
mkdir -p certs
cd certs

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

signed() {
  new_key "$1"
  printf '%s\n' "$3" > "$1.ext"
  openssl req -new -key "$1.key" -subj "/CN=$2" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt"
  rm "$1.ext"
}

new_key ca
openssl req -x509 -new -key ca.key -subj "/CN=Internal CA" -days 30 -out ca.crt
signed shop "Shop" "subjectAltName=DNS:shop.internal"
signed broker "Broker" "subjectAltName=DNS:localhost"
signed gateway "gateway" "extendedKeyUsage=clientAuth"
