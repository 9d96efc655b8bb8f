import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const routes = (host: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${host}}
spec:
  hosts: [${host}]
  http:
  - match: [{uri: {prefix: /a}}]
    route: [{destination: {host: ${host}, subset: v1}}]
  - match: [{uri: {prefix: /b}}]
    route: [{destination: {host: ${host}, subset: v1}}]
  - route: [{destination: {host: ${host}, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${host}}
spec: {host: ${host}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
`
const count = (text: string, form: RegExp): number => [...text.matchAll(form)].length

test('a host that nothing provides is said once in status and edits, with its other places; lint has them all', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', [routes('web'), routes('api')].join('---\n'))
  const lint = await folder.run('lint')
  assert.equal(count(lint.stdout, /^\S+all\.yaml:\d+:\d+: .*\(unknown-host\)/gm), 6)
  assert.match(lint.stderr, /6 warnings/)
  const status = await folder.run('status web')
  assert.equal(count(status.stdout, /\(unknown-host\)/g), 1)
  assert.match(status.stdout, /; 2 more places name it/)
  const edit = await folder.run('weight web v2=10 --dry-run=client')
  assert.equal(edit.code, 0, edit.stderr)
  assert.equal(count(edit.stderr, /\(unknown-host\)/g), 1)
  assert.equal(count(edit.stderr, /Create the Service/g), 1)
  const data = await folder.run('lint -o json')
  assert.equal((JSON.parse(data.stdout) as { findings: object[] }).findings.length, 6)
})
