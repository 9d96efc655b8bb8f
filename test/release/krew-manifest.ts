/** The plugin's manifest for krew's index, by https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/. */
import { stringify } from 'yaml'
import { programNameOf, type Archive } from './archives.ts'
import { addressOf, release, version } from './release.ts'

/** The text of the manifest. `addresses` tells where an archive is, and is not given but by tests. */
export function krewManifest(
  archives: readonly Archive[],
  addresses: (file: string) => string = addressOf,
): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: release.krew },
      spec: {
        version: `v${version}`,
        homepage: release.repository,
        shortDescription: 'Canary routing on a service mesh, safe and easy',
        description: [
          'Chooses who gets which version of a service on Istio, the Gateway API, APISIX or',
          'Deployments alone: by cohort, weight or mirror, in a cluster or in files. Every',
          'edit is checked before it is written, recorded, and can be undone.',
        ].join('\n'),
        caveats: [
          'For completion of `kubectl canary`:',
          '  kubectl canary completion --install',
          'The plugin edits routes in the cluster that your kubeconfig names. It creates',
          'ControllerRevisions as the record of its changes, and Leases for runs.',
        ].join('\n'),
        // krew knows no C library: it gets the usual one.
        platforms: archives
          .filter(({ platform: { libc } }) => libc === undefined)
          .map(({ platform, file, sha256 }) => ({
            selector: { matchLabels: { os: platform.os, arch: platform.arch } },
            uri: addresses(file),
            sha256,
            bin: programNameOf(platform),
            files: [programNameOf(platform), 'LICENSE', 'THIRD-PARTY-LICENCES.txt'].map(from => ({
              from,
              to: '.',
            })),
          })),
      },
    },
    { lineWidth: 0 },
  )
}
