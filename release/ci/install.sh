#!/usr/bin/env bash
# Puts kubectl-canary of one version into a folder: install.sh VERSION FOLDER. The archive is checked by the sums of the release.
set -euo pipefail
version=${1:?install.sh VERSION FOLDER} folder=${2:?install.sh VERSION FOLDER}
downloads=https://github.com/kubectl-canary/kubectl-canary/releases/download/v$version

case "$(uname -s)" in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  MINGW* | MSYS* | CYGWIN*) os=windows ;;
  *) echo "error: there is no kubectl-canary for $(uname -s)" >&2; exit 1 ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) echo "error: there is no kubectl-canary for $(uname -m)" >&2; exit 1 ;;
esac
name=kubectl-canary_${version}_${os}_${arch}
if [ "$os" = linux ] && ldd --version 2>&1 | grep -qi musl; then name=${name}_musl; fi
if [ "$os" = windows ]; then name=$name.zip; else name=$name.tar.gz; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$name" SHA256SUMS; do
  curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$work/$file" "$downloads/$file"
done
sum=$(awk -v name="$name" '$2 == name { print $1 }' "$work/SHA256SUMS")
found=$(cd "$work" && { sha256sum "$name" 2>/dev/null || shasum -a 256 "$name"; } | awk '{ print $1 }')
if [ -z "$sum" ] || [ "$sum" != "$found" ]; then
  echo "error: $name has the SHA-256 $found, the release says ${sum:-nothing}" >&2
  exit 1
fi
mkdir -p "$folder"
if [ "$os" = windows ]; then unzip -qo "$work/$name" -d "$folder"; else tar -xzf "$work/$name" -C "$folder"; fi
