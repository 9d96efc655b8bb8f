import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ManifestsFolder } from './manifests-folder.ts'

const withNulls = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: py
  labels:
spec:
  hosts: [py]
  gateways:
  http:
  - match:
    timeout:
    route:
    - destination: {host: py, subset: v1}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: py, annotations: null}
spec:
  host: py
  trafficPolicy:
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: v1
kind: Service
metadata: {name: py}
spec:
  selector: {app: py}
  ports: [{name: http, port: 80}]
`

test('keys without a value, as Helm renders them, are no findings', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', withNulls)
  const helm = join(import.meta.dirname, '../fixtures/cases/null-match/all.yaml')
  folder.write('helm.yaml', readFileSync(helm))
  const { code, stdout } = await folder.run('lint')
  assert.deepEqual([code, stdout.trim()], [0, ''])
})

test('a cohort comes and goes beside keys without a value, which stay as they are written', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', withNulls)
  assert.equal((await folder.run('cohort internal --to v2')).code, 0)
  const during = folder.texts()['all.yaml']!
  assert.match(during, /^ {4}kubectl-canary\/cohorts: /m)
  for (const kept of [
    '  labels:\n',
    '  gateways:\n',
    '  - match:\n    timeout:\n    route:\n',
    '  trafficPolicy:\n',
  ])
    assert.ok(during.includes(kept), kept)
  assert.equal((await folder.run('cohort internal --remove')).code, 0)
  assert.equal(folder.texts()['all.yaml']!, withNulls)
})

test('annotations without a value take the record of a cohort', async () => {
  const text = withNulls.replace('  labels:\n', '  annotations:\n')
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  assert.equal((await folder.run('cohort internal --to v2')).code, 0)
  assert.equal(folder.texts()['all.yaml']!.split('annotations:\n').length, 2)
})

test('a list item without a value is an error', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', withNulls.replace('  - match:\n    timeout:', '  -\n  - timeout:'))
  const { code, stdout } = await folder.run('lint')
  assert.equal(code, 3)
  assert.match(stdout, /spec\.http\[0\].*istio-rejects/s)
})

test('status and edits go on without an object that has a list item without a value, and say so', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', withNulls)
  const other = withNulls.replaceAll('py', 'other').replace('  - match:\n', '  - ~\n  - match:\n')
  folder.write('other.yaml', other)
  for (const line of [
    'status',
    'cohorts',
    'cohort internal --to v2 --service py',
    'promote v2 --service py',
  ]) {
    const { code, stderr } = await folder.run(line)
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /note: \S+other\.yaml:10: skipped: spec\.http\[0\] of VirtualService default\/other is null\n/,
    )
  }
  assert.equal(folder.texts()['other.yaml'], other)
})

test('a port without a value is an error, and an argument without one is none', async () => {
  using folder = new ManifestsFolder()
  folder.write('service.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  -\n')
  folder.write(
    'deployment.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, args: [~]}]}}}\n',
  )
  const { code, stdout } = await folder.run('lint -o github')
  assert.equal(code, 3)
  assert.match(
    stdout,
    /^::error file=\S+service\.yaml,line=6,col=4,title=unreadable-manifest::Service default\/a spec\.ports\[0\]: is null[^\n]*\n?$/,
  )
})
