import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'
import { words } from '../run-command.ts'

const rule = (namespace: string, subsets: string): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: ${namespace} }
spec: { host: web.a.svc.cluster.local, subsets: [${subsets}] }
`
const route = (name: string, namespace: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: [web.a.svc.cluster.local]
  exportTo: [.]
  http: [{ route: [{ destination: { host: web.a.svc.cluster.local, subset: v1 } }] }]
`
const v1 = '{ name: v1, labels: { version: v1 } }'
const v2 = '{ name: v2, labels: { version: v2 } }'
const world = (ofB: string): string =>
  `apiVersion: v1
kind: Service
metadata: { name: web, namespace: a }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
`
  + rule('a', `${v1}, ${v2}`)
  + rule('b', ofB)
  + route('web', 'a')
  + route('web-b', 'b')

describe('an edit that callers with a DestinationRule of their own would not survive', () => {
  it('says what to add there, and how to leave these callers out; both work', async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', world(v1))
    const refused = await folder.run('weight web.a v2=10')
    assert.equal(refused.code, 3)
    const [, subset] = /Add (\{.*\}) to spec\.subsets of DestinationRule b\/web/.exec(refused.stderr) ?? []
    const [, flags] = /repeat the command with (--virtual-service .*)/.exec(refused.stderr) ?? []
    assert.ok(subset !== undefined && flags !== undefined, refused.stderr)
    const partly = await folder.runWords(['weight', 'web.a', 'v2=10', ...words(flags)])
    assert.equal(partly.code, 0, partly.stderr)
    folder.write('all.yaml', world(`${v1}, ${subset}`))
    const whole = await folder.run('weight web.a v2=10')
    assert.equal(whole.code, 0, whole.stderr)
  })
})
