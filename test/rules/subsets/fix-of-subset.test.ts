import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deployment, destinationRule, inMesh, service } from '../../plan/worlds.ts'

const versions = ['v1', 'v2', 'v3'] as const
const workloads: readonly KubeObject[] = [
  service(),
  ...versions.map(version => deployment(`catalog-${version}`, { app: 'catalog', version })),
]

/** The findings of a rule on a route to these subsets. */
function found(rule: string, subsets: readonly string[], objects: readonly KubeObject[]): readonly Finding[] {
  const route = subsets.map((subset, i) => ({
    destination: { host: 'catalog', subset },
    weight: i === 0 ? 100 - 10 * (subsets.length - 1) : 10,
  }))
  return lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot([...workloads, ...objects, inMesh({ route })]),
  ).filter(finding => finding.rule === rule)
}

/** The subsets that the fixes offer instead, in order. */
const offered = (findings: readonly Finding[]): readonly (string | undefined)[] =>
  findings.map(({ fix }) => /^Set \S+\.subset: ([\w-]+)/.exec(fix)?.[1])

test('the subset that is offered instead is one to which the route does not lead already', () => {
  const rule = destinationRule('v1', 'v2')
  assert.deepEqual(offered(found('undefined-subset', ['version-v1', 'version-v9'], [rule])), ['version-v2'])
  assert.deepEqual(offered(found('undefined-subset', ['version-v1', 'version-v2', 'version-v9'], [rule])), [
    undefined,
  ])
})

test('each subset that is missing is offered another one, as long as there are any', () => {
  const missing = ['version-v7', 'version-v8', 'version-v9']
  assert.deepEqual(offered(found('undefined-subset', missing, [destinationRule('v1', 'v2')])), [
    'version-v1',
    'version-v2',
    undefined,
  ])
})

test('the same holds of a subset that no workload has', () => {
  const rule = destinationRule('v1', 'v2', 'v9')
  const findings = found('subset-matches-no-workload', ['version-v1', 'version-v9'], [rule])
  assert.deepEqual(offered(findings), ['version-v2'])
})

test('no command defines a subset by a name that Istio refuses', () => {
  const [replaced] = found('undefined-subset', ['version-v1', 'v1.2'], [destinationRule('v1', 'v2')])
  assert.match(replaced!.fix, /^Set \S+\.subset: version-v2$/)
  const [renamed] = found('undefined-subset', ['version-v1', 'v1.2'], [destinationRule('v1')])
  assert.match(renamed!.fix, /^Rename subset v1\.2 in spec\.http\[0\]\.route\[1\]\.destination\.subset: /)
  const [unruled, other] = found('subset-without-destination-rule', ['v1.2', 'v3'], [])
  assert.match(unruled!.fix, /^Rename subset v1\.2 in spec\.http/)
  assert.match(other!.fix, /"subsets":\[\{"name":"v3"/)
  assert.doesNotMatch(other!.fix, /v1\.2/)
})
