/** What the image holds, as CycloneDX: Node, Debian's libraries, and the npm packages in the bundles. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { lockedVersion } from '../../build/locked-package.ts'
import { release, version } from '../release.ts'
import { lockedImage, type Processor } from './debian.ts'
import { nodePackageOf } from './root-folder.ts'

interface Part {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licence?: string
  readonly sha256?: string
}

/** The text of the document. `programs` is the folder with the bundles, whose licences name what is in them. */
export function billOfMaterials(programs: string, processor: Processor): string {
  const node = lockedVersion(nodePackageOf(processor))
  const parts: readonly Part[] = [
    { name: 'node', version: node.version, purl: `pkg:generic/node@${node.version}?arch=${processor}` },
    ...Object.entries(lockedImage.packages).map(([name, pinned]) => ({
      name,
      version: pinned.version,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(pinned.version)}?arch=${processor}&distro=debian-12`,
      sha256: pinned[processor],
    })),
    ...bundledIn(programs),
  ]
  const bom = new Models.Bom()
  bom.metadata.component = new Models.Component(Enums.ComponentType.Container, 'canary-guard', {
    version,
    purl: `pkg:oci/canary-guard@${version}?repository_url=${encodeURIComponent(release.image)}`,
    bomRef: 'image',
  })
  // A package can be in the bundles from two folders.
  for (const part of new Map(parts.map(part => [part.purl, part])).values())
    bom.components.add(componentOf(part))
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

function componentOf({ name, version: number, purl, licence, sha256 }: Part): Models.Component {
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    version: number,
    purl,
    bomRef: purl,
  })
  if (licence !== undefined) component.licenses.add(new Models.SpdxLicense(licence))
  if (sha256 !== undefined) component.hashes.set(Enums.HashAlgorithm['SHA-256'], sha256)
  return component
}

/** The npm packages of the bundles, as the build has listed them beside their licences. */
function bundledIn(programs: string): readonly Part[] {
  const text = readFileSync(join(programs, 'THIRD-PARTY-LICENCES.txt'), 'utf8')
  return [...text.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\d+\S*) \((\S+)\)$/gm)].map(
    ([, name, number, licence]) => ({
      name: name!,
      version: number!,
      licence: licence!,
      purl: `pkg:npm/${name!.replace('@', '%40')}@${number}`,
    }),
  )
}
