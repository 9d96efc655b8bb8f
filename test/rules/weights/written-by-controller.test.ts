import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const rollout = (routing: string): string => `---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  strategy: {canary: {stableService: web, canaryService: web-canary, trafficRouting: ${routing}}}
`
const canary =
  'ownerReferences: [{apiVersion: flagger.app/v1beta1, kind: Canary, name: web, uid: a, controller: true}]'
const virtualService = (one: number, metadata = ''): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, ${metadata}}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web}, weight: ${one}}, {destination: {host: web-canary}, weight: 20}]
`
const apisixRoute = `---
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: web}
spec:
  http:
  - name: all
    match: {paths: ["/*"]}
    backends: [{serviceName: web, servicePort: 80, weight: -1}, {serviceName: web-canary, servicePort: 80, weight: 20}]
`

const byIstio = rollout('{istio: {virtualService: {name: web}}}')
const byApisix = rollout('{apisix: {route: {name: web, rules: [all]}}}')

for (const [title, rule, text] of [
  ['a sum, of a Rollout', 'weights-sum-to-100', virtualService(70) + byIstio],
  ['a negative weight, of a Rollout', 'invalid-weight', virtualService(-1) + byIstio],
  ['a sum, of a Canary', 'weights-sum-to-100', virtualService(70, canary)],
  ['a negative weight of an ApisixRoute, of a Rollout', 'invalid-weight', apisixRoute + byApisix],
] as const)
  it(`a fix of a weight says which controller writes it again: ${title}`, async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', text)
    const { findings } = JSON.parse((await folder.run('lint -o json')).stdout)
    const fixes = findings.filter((each: { rule: string }) => each.rule === rule)
    assert.equal(fixes.length, 1)
    assert.match(fixes[0].fix, /^Set .*\. (?:Rollout|Canary) default\/web writes these weights again/)
  })

it('a fix of a weight names no controller where there is none', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', virtualService(70) + apisixRoute)
  assert.doesNotMatch((await folder.run('lint')).stdout, /writes these weights/)
})
