import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const service = (selector: string): string => `apiVersion: v1
kind: Service
metadata: {name: hello}
spec: {selector: {${selector}}, ports: [{name: http, port: 80}]}
`
const workload = (name: string, labels: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {${labels}}}
  template: {metadata: {labels: {${labels}}}, spec: {containers: [{name: hello, image: hello}]}}
`

for (const key of ['release', 'deployment', 'example.com/stage'])
  test(`blue and green are told apart by a label ${key}`, async () => {
    using folder = new ManifestsFolder()
    const of = (colour: string): string => `app: hello, ${key}: ${colour}`
    const workloads = workload('hello-blue', of('blue')) + workload('hello-green', of('green'))
    folder.write('hello.yaml', service(of('blue')) + workloads)
    const { code, stdout, stderr } = await folder.run('promote hello green')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /hello: everyone → green/)
    assert.equal(folder.texts()['hello.yaml'], service(of('green')) + workloads)
    assert.equal((await folder.run('promote hello blue')).code, 0)
    assert.equal(folder.texts()['hello.yaml'], service(of('blue')) + workloads)
  })

for (const [what, selector, ...workloads] of [
  ['components', 'app: hello, part: web', 'app: hello, part: web', 'app: hello, part: worker'],
  ['applications', 'app: blue', 'app: blue', 'app: green'],
  ['a colour alone', 'app: hello, part: blue', 'app: hello, part: blue', 'app: other, part: green'],
] as const)
  test(`${what} are not taken for versions`, async () => {
    using folder = new ManifestsFolder()
    const text = service(selector) + workloads.map((labels, i) => workload(`w${i}`, labels)).join('')
    folder.write('hello.yaml', text)
    assert.equal((await folder.run('promote hello green')).code, 1)
    assert.equal((await folder.run('promote hello worker')).code, 1)
    assert.equal(folder.texts()['hello.yaml'], text)
  })
