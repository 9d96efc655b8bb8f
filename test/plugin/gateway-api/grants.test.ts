import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pods, service } from '../deployment/pods-world.ts'
import { ManifestsFolder } from '../manifests-folder.ts'

const versions = ['v1', 'v2']
  .map(
    version =>
      service(`shop-${version}`, `app: shop, version: ${version}`)
      + pods(`shop-${version}`, `app: shop, version: ${version}`),
  )
  .join('')
const route = `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: edge }
spec:
  parentRefs: [{ name: public }]
  hostnames: [shop.example.com]
  rules:
    - backendRefs: [{ name: shop-v1, namespace: default, port: 80 }]
`
const grant = (...names: readonly string[]): string => `---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: edge, namespace: default }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge }]
  to: [${names.map(name => `{ group: '', kind: Service, name: ${name} }`).join(', ')}]
`

const split = async (...parts: readonly string[]) => {
  using folder = new ManifestsFolder()
  const text = [versions, route, ...parts].join('').replace(/^---\n/, '')
  folder.write('all.yaml', text)
  const ended = await folder.run('weight v2=10 --stable v1')
  const status = await folder.run('status shop')
  return { ...ended, status: status.stdout, isWritten: folder.texts()['all.yaml'] !== text }
}

describe('a share for a version that a route of another namespace may not use', () => {
  it('is refused in files that have the grant of the stable version, and made once the grant names it', async () => {
    const refused = await split(grant('shop-v1'))
    assert.equal(refused.code, 3, refused.stderr)
    assert.match(refused.stderr, /v2 of shop.* answered with 500 \(ungranted-reference\)/)
    assert.equal(refused.isWritten, false)
    const done = await split(grant('shop-v1', 'shop-v2'))
    assert.equal(done.code, 0, done.stderr)
    assert.doesNotMatch(done.status, /ungranted/)
  })

  it('is made where the grants are in other files, with a note', async () => {
    const { code, stderr } = await split()
    assert.equal(code, 0, stderr)
    assert.match(stderr, /ungranted-reference/)
  })

  it('is marked in status where the files already have it', async () => {
    using folder = new ManifestsFolder()
    const both = route.replace(/backendRefs: .*/, m =>
      m.replace(
        'port: 80 }',
        'port: 80, weight: 90 }, { name: shop-v2, namespace: default, port: 80, weight: 10 }',
      ),
    )
    folder.write('all.yaml', (versions + both + grant('shop-v1')).replace(/^---\n/, ''))
    const { stdout } = await folder.run('status shop')
    assert.match(stdout, /v2 +10\.0 %.*\(500, ungranted-reference\)/)
  })

  it('is not needed by a route of the mesh alone', async () => {
    using folder = new ManifestsFolder()
    const inMesh = route
      .replace(
        'parentRefs: [{ name: public }]',
        "parentRefs: [{ kind: Service, group: '', name: shop-v1, namespace: default }]",
      )
      .replace(/ +hostnames: .*\n/, '')
      .replace(
        'port: 80 }]\n',
        'port: 80, weight: 90 }, { name: shop-v2, namespace: default, port: 80, weight: 10 }]\n',
      )
    folder.write('all.yaml', (versions + inMesh + grant('shop-v1')).replace(/^---\n/, ''))
    const { stdout } = await folder.run('status')
    assert.match(stdout, /v2 +10\.0 %/)
    assert.doesNotMatch(stdout, /\(500/)
  })
})
