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
