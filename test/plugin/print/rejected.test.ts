import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const all = (weight: string, more = ''): string => `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route:
    - destination: {host: web, subset: v1}
      weight: 90
    - destination: {host: web, subset: v2}
      weight: ${weight}
${more}`

async function shown(text: string): Promise<string> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  return (await folder.run('status web')).stdout
}

test('shares of a route that Istio would reject are said not to be in effect', async () => {
  const rejected = /not in effect: VirtualService default\/web is rejected/
  assert.match(await shown(all('-10')), rejected)
  assert.match(await shown(all('10', '    timeout: soon\n')), rejected)
  assert.doesNotMatch(await shown(all('10')), rejected)
  // A sum that is not 100 is an error of ours, which Istio takes.
  assert.doesNotMatch(await shown(all('20')), rejected)
})

test('weights that Istio rejects do not come back with the end of a canary', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', all('-10'))
  await folder.run('weight web v2=10 --stable v1')
  assert.equal((await folder.run('abort web')).code, 0)
  assert.doesNotMatch(folder.texts()['all.yaml']!, /-10/)
})

interface ShownStatus {
  readonly services: readonly { readonly entryPoints: readonly { readonly rejected?: object }[] }[]
}

async function rejectionsOf(texts: Readonly<Record<string, string>>, service: string): Promise<unknown> {
  using folder = new ManifestsFolder()
  for (const [name, text] of Object.entries(texts)) folder.write(name, text)
  const { stdout } = await folder.run(`status ${service} -o json`)
  return (JSON.parse(stdout) as ShownStatus).services[0]!.entryPoints.map(({ rejected }) => rejected)
}

const refused = { kind: 'VirtualService', namespace: 'default', name: 'web' }

test('the data of a route that Istio would reject names the rule that says so', async () => {
  assert.deepEqual(await rejectionsOf({ 'all.yaml': all('10', '    timeout: soon\n') }, 'web'), [
    { ...refused, rule: 'istio-rejects' },
  ])
  assert.deepEqual(await rejectionsOf({ 'all.yaml': all('20') }, 'web'), [undefined])
  // Istio refuses a sum of 0; the rule about sums says what to set.
  const zero = all('0').replace('weight: 90', 'weight: 0')
  assert.deepEqual(await rejectionsOf({ 'all.yaml': zero }, 'web'), [
    { ...refused, rule: 'weights-sum-to-100' },
  ])
})

test('a rejection that an annotation exempts is none', async () => {
  const exempted = all('10', '    timeout: soon\n').replace(
    'kind: VirtualService\nmetadata: {name: web}',
    'kind: VirtualService\nmetadata: {name: web, annotations: {kubectl-canary/exempt: "istio-rejects: an older Istio takes it"}}',
  )
  assert.deepEqual(await rejectionsOf({ 'all.yaml': exempted }, 'web'), [undefined])
})

test('a rejected ApisixRoute is marked as other rejected routes are', async () => {
  const rejected = `apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: web}
spec:
  http:
  - {name: web, match: {hosts: [web.example], paths: [/*]}, priority: high, backends: [{serviceName: web, servicePort: 80}]}
`
  const service = all('10').split('---')[0]!
  assert.deepEqual(await rejectionsOf({ 'all.yaml': `${service}---\n${rejected}` }, 'web'), [
    { ...refused, kind: 'ApisixRoute', rule: 'apisix-rejects' },
  ])
})

test('versions have no share by a route that Istio would reject', async () => {
  assert.match(await shown(all('10')), /^ *v2 +10\.0 % /m)
  assert.match(await shown(all('10', '    timeout: soon\n')), /^ *v2 +- /m)
})

test('a request that a rejected route decides meets no expectation', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', all('10', '    timeout: soon\n'))
  const tried = await folder.runWords(['try', 'http://web/', '--expect', 'v1=90,v2=10'])
  assert.equal(tried.code, 3)
  assert.match(tried.stdout, /not in effect: VirtualService default\/web is rejected \(istio-rejects\)/)
  const { trials } = JSON.parse((await folder.run('try http://web/ -o json')).stdout) as {
    readonly trials: readonly { readonly rejected?: object }[]
  }
  assert.deepEqual(trials[0]?.rejected, { ...refused, rule: 'istio-rejects' })
  folder.write('all.yaml', all('10'))
  assert.equal((await folder.runWords(['try', 'http://web/', '--expect', 'v1=90,v2=10'])).code, 0)
})

test('doctor fails a service whose route Istio would reject', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', all('10', '    timeout: soon\n'))
  const { stdout } = await folder.run('doctor web')
  assert.match(stdout, /^fail +routes +VirtualService web spec\.http\[0\]\.timeout/m)
  assert.doesNotMatch(stdout, /^pass +routes/m)
})
