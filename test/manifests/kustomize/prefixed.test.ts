import assert from 'node:assert/strict'
import { it } from 'node:test'
import { kustomization, Repository } from './repository.ts'

const hosts = `[
  {"op": "replace", "path": "/spec/hosts/0", "value": "qa-store"},
  {"op": "replace", "path": "/spec/http/0/route", "value": [
    {"destination": {"host": "qa-store", "subset": "v1"}}
  ]}
]
`
const qa = {
  'overlays/qa/kustomization.yaml': kustomization(
    `resources: [../../base]
namespace: qa
namePrefix: qa-
patches:
- target: {kind: VirtualService, name: store}
  path: hosts.json
- target: {kind: DestinationRule, name: store}
  patch: '[{"op": "replace", "path": "/spec/host", "value": "qa-store"}]'
`,
  ),
  'overlays/qa/hosts.json': hosts,
}

it('an object with a prefix is found again once a patch sets all its annotations', async () => {
  using repository = new Repository(qa)
  for (const line of [
    'weight qa-store v2=20 -k @overlays/qa -n qa',
    'cohort internal qa-store --to v2 -k @overlays/qa -n qa',
    'weight qa-store v2=30 -k @overlays/qa -n qa',
    'cohort internal qa-store --remove -k @overlays/qa -n qa',
    'abort qa-store -k @overlays/qa -n qa',
  ]) {
    const { code, stderr } = await repository.run(line)
    assert.equal(code, 0, `${line}: ${stderr}`)
    if (line.startsWith('weight'))
      assert.match(repository.text('overlays/qa/hosts.json'), /"\/metadata\/annotations"/)
  }
  assert.equal(repository.text('overlays/qa/hosts.json'), hosts)
})

it('a kustomization with charts, or with resources from elsewhere, is built by a command whose output is worked on', async () => {
  using repository = new Repository({
    'charts/kustomization.yaml': kustomization('helmCharts: [{name: redis, repo: "https://example.com"}]\n'),
    'remote/kustomization.yaml': kustomization('resources: ["https://example.com/remote?ref=v1"]\n'),
  })
  for (const [folder, flags] of [
    ['charts', '--enable-helm '],
    ['remote', ''],
  ] as const)
    for (const verb of ['lint', 'status', 'weight v2=10']) {
      const { code, stderr } = await repository.run(`${verb} -k @${folder}`)
      assert.equal(code, 1)
      assert.match(
        stderr,
        new RegExp(`: kubectl kustomize ${flags}@${folder} > built.yaml, then -f built.yaml$`, 'm'),
      )
      assert.doesNotMatch(stderr, / -k /)
    }
})

it('a new object goes to no file of patches', async () => {
  const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: store}
spec:
  hosts: [qa-store]
  http:
  - route:
    - destination: {host: qa-store, subset: v1}
`
  using repository = new Repository({
    'overlays/qa/kustomization.yaml': kustomization(
      'resources: [../../base]\nnamespace: qa\nnamePrefix: qa-\npatches: [{path: route.yaml}]\n',
    ),
    'overlays/qa/route.yaml': route,
  })
  const weight = 'weight qa-store v2=20 --stable v1 -k @overlays/qa -n qa'
  const { code, stderr } = await repository.run(weight)
  assert.equal(code, 3)
  assert.match(stderr, /^error: @base\/.* is not edited: kustomization .* takes it as well$/m)
  assert.equal(repository.text('overlays/qa/route.yaml'), route)
  const printed = await repository.run(`${weight} --emit-patch kustomize`)
  assert.equal(printed.code, 0)
  const [patches, created] = printed.stdout.split(/^---\n/m)
  repository.write('overlays/qa/subsets.yaml', created!)
  repository.write(
    'overlays/qa/kustomization.yaml',
    repository
      .text('overlays/qa/kustomization.yaml')
      .replace('[../../base]', '[../../base, subsets.yaml]')
      .replace(
        /^patches: .*\n/m,
        `patches:\n  - path: route.yaml\n${patches!.slice(patches!.indexOf('  - target:'))}`,
      ),
  )
  assert.match((await repository.run('status qa-store -k @overlays/qa -n qa')).stdout, /v2 +20.0 %/)
})
