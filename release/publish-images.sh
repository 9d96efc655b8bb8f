#!/usr/bin/env bash
# Pushes the image and the chart of dist/release to where release/release.json says, and signs both by digest with the identity of the pipeline:
# publish-images.sh VERSION, after `npm ci`, with GITHUB_ACTOR and GH_TOKEN.
set -euo pipefail
version=${1:?publish-images.sh VERSION}
cd "$(dirname "$0")/.."
export PATH=$PWD/node_modules/.bin:$PATH
image=$(node -p 'require("./release/release.json").image')
charts=$(node -p 'require("./release/release.json").charts')
registry=${image%%/*}
crane=$(node test/cluster/assets.ts crane) helm=$(node test/cluster/assets.ts helm3)

echo "$GH_TOKEN" | "$crane" auth login "$registry" --username "$GITHUB_ACTOR" --password-stdin
digest=$(node test/release/image/push-image.ts "$image")
cosign sign --yes "$image@$digest"
for processor in amd64 arm64; do
  cosign attest --yes --type cyclonedx --predicate "dist/release/canary-guard_${version}_$processor.cdx.json" "$image@$("$crane" digest "$image:$version-$processor")"
done

# The chart was packed with the digest that a registry of the build gave the same image.
tar -xzOf "dist/release/canary-guard-$version.tgz" canary-guard/values.yaml | grep -qF "digest: $digest" || {
  echo "error: the chart does not name the image $digest" >&2
  exit 1
}
echo "$GH_TOKEN" | "$helm" registry login "$registry" --username "$GITHUB_ACTOR" --password-stdin
"$helm" push "dist/release/canary-guard-$version.tgz" "$charts"
chart=${charts#oci://}/canary-guard
cosign sign --yes "$chart@$("$crane" digest "$chart:$version")"
