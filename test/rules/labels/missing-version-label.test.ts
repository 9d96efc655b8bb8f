import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deployment, destinationRule, inMesh, service } from '../../plan/worlds.ts'

const labelProposedFor = (name: string): string | undefined => {
  const objects: readonly KubeObject[] = [
    service(),
    deployment('catalog', { app: 'catalog', version: 'v1' }),
    deployment(name, { app: 'catalog' }),
    destinationRule('v1', 'v2'),
    inMesh({
      route: ['v1', 'v2'].map(version => ({
        destination: { host: 'catalog', subset: `version-${version}` },
        weight: 50,
      })),
    }),
  ]
  const findings = lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  )
  return findings.find(({ rule, ref }) => rule === 'missing-version-label' && ref.name === name)?.fix
}

test('proposes the version that the workload is named for', () =>
  assert.match(labelProposedFor('catalog-v2') ?? '', /"version":"v2"/))
test('proposes some version where the name says none', () =>
  assert.match(labelProposedFor('catalog-next') ?? '', /"version":"v1"/))
