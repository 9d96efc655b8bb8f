import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, objectsInFile, reportsOn, saidOf, yaml } from './reports.ts'
import { namespace, world } from './worlds.ts'

const inMesh = (name: string) => yaml(namespace('istio-injection: enabled', name))

test('a healthy canary has no fault, of the service or of its namespace', () => {
  assert.deepEqual(faultsOf(reportsOn(world())), [])
  assert.deepEqual(faultsOf(reportsOn(world(), { service: 'catalog' })), [])
})

test('a healthy canary passes every check there is, each with a sentence of its own', () => {
  const [report] = reportsOn(world(), { service: 'catalog' })
  assert.equal(report!.state, 'pass')
  for (const { id, results } of report!.checks) assert.ok(results[0]!.message.length > 5, id)
  assert.equal(report!.checks.length, 18)
})

test('the same without routes is ready for its first one', () => {
  const objects = world({ rule: '', route: '' })
  assert.deepEqual(faultsOf(reportsOn(objects)), [])
  assert.match(saidOf('route-coverage', objects).results.join(), /kubectl canary init catalog/)
})

for (const [file, name] of [
  ['test/fixtures/healthy/argo-rollouts-hosts.yaml', 'shop'],
  ['test/fixtures/healthy/argo-rollouts-subsets.yaml', 'shop'],
  ['test/fixtures/healthy/bookinfo.yaml', 'bookinfo'],
  ['test/fixtures/healthy/egress.yaml', 'shop'],
  ['test/fixtures/healthy/flagger-idle.yaml', 'istioinaction'],
  ['test/fixtures/healthy/flagger-progressing.yaml', 'istioinaction'],
  ['test/fixtures/healthy/knative.yaml', 'default'],
] as const)
  test(`${file} has no fault on files`, () => {
    const reports = reportsOn([...objectsInFile(file), ...inMesh(name)], { namespace: name, live: false })
    // Bookinfo's own test by the header of a user: whether its caller forwards it is in no file.
    const open = name === 'bookinfo' ? [/^Service reviews header-forwarding unknown .* end-user$/] : []
    const faults = faultsOf(reports)
    assert.equal(faults.length, open.length, faults.join('\n'))
    for (const [i, expected] of open.entries()) assert.match(faults[i]!, expected)
  })

test('a shop whose workloads have no version is asked for the label first, and for nothing else', () => {
  const objects = [
    ...objectsInFile('test/fixtures/healthy/online-boutique.yaml'),
    ...inMesh('onlineboutique'),
  ]
  const faults = faultsOf(reportsOn(objects, { namespace: 'onlineboutique', live: false }))
  assert.ok(faults.length > 5)
  for (const fault of faults) assert.match(fault, /^Service \S+ pod-labels warn .* no label version$/)
  const [report] = reportsOn(objects, { namespace: 'onlineboutique', service: 'cartservice', live: false })
  assert.equal(report!.checks[0]!.id, 'pod-labels')
})
