import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const version = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db-${name}}
spec: {selector: {matchLabels: {app: db, version: ${name}}}, template: {metadata: {labels: {app: db, version: ${name}}}}}
`
const both = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db}
spec:
  hosts: [db]
  http:
  - route:
    - {destination: {host: db, subset: v1}}
  tcp:
  - match:
    - {port: 5432}
    route:
    - {destination: {host: db, subset: v1, port: {number: 5432}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db}
spec: {host: db, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{name: http, port: 80}, {name: tcp-db, port: 5432}]}
${version('v1')}${version('v2')}`

for (const [line, said] of [
  ['mirror v2=10 --service db', 'these are not mirrored'],
  ['cohort beta --cookie beta=yes --to v2 --service db', 'the cohort does not apply to them'],
] as const)
  test(`what ${line.split(' ')[0]} cannot do to connections is said, and they stay as they are`, async () => {
    using folder = new ManifestsFolder()
    folder.write('db.yaml', both)
    const { code, stderr } = await folder.run(line)
    assert.equal(code, 0, stderr)
    assert.ok(
      stderr.includes(
        `note: VirtualService default/db spec.tcp[0] routes connections, not requests: ${said}.`,
      ),
      stderr,
    )
    const [, tcp] = both.split('  tcp:')
    assert.ok(folder.texts()['db.yaml']!.includes(tcp!.split('---')[0]!))
  })

test('shares apply to connections, too: nothing is said of them', async () => {
  using folder = new ManifestsFolder()
  folder.write('db.yaml', both)
  const { code, stderr } = await folder.run('weight v2=10 --service db')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /connections/)
  assert.equal(folder.texts()['db.yaml']!.match(/weight: 10\b/g)?.length, 2)
})

test('an abort says which routes for some senders it moves, and says nothing of those of stable', async () => {
  using folder = new ManifestsFolder()
  const forSome = (name: string, to: string) =>
    `  - match:\n    - headers: {x-${name}: {exact: "yes"}}\n    route:\n    - {destination: {host: db, subset: ${to}}}\n`
  const text = both.replace('  http:\n', `  http:\n${forSome('beta', 'v2')}${forSome('old', 'v1')}`)
  folder.write('db.yaml', text)
  const { code, stderr } = await folder.run('abort db --stable v1')
  assert.equal(code, 0, stderr)
  const moved = stderr.split('\n').filter(line => line.includes('written by hand'))
  assert.deepEqual(moved, [
    'note: VirtualService default/db spec.http[0] (x-beta: yes), which was written by hand for v2, goes to v1, too.',
  ])
  assert.doesNotMatch(folder.texts()['db.yaml']!.split('tcp:')[0]!, /subset: v2/)
  assert.doesNotMatch((await folder.run('abort db --stable v1')).stderr, /written by hand/)
})
