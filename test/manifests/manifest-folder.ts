import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { CanaryError, type ErrorCode } from '../../shared/objects/canary-error.ts'
import type { DestinationRule } from '../../shared/objects/destination-rule.ts'
import type { Ref } from '../../shared/objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../shared/objects/virtual-service.ts'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Sources } from '../../shared/view/sources.ts'
import type { Store } from '../../shared/view/store.ts'

/** The scope of all namespaces. */
export const everything = { namespaces: '*' } as const
export const catalog: Ref<'VirtualService'> = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' }
export const route = (subset: string, name?: string): HttpRoute => ({
  ...(name === undefined ? {} : { name }),
  route: [{ destination: { host: 'catalog', subset } }],
})

/** The text of a VirtualService with a comment in every place. */
export const virtualService = `# Traffic of the catalog.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog # the service
spec:
  hosts:
    - catalog
  http:
    # everyone
    - route:
        - destination:
            host: catalog
            subset: 'v1'
          weight: 100 # all
    # the end
`
/** The text of a Service. */
export const service = `apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {ports: [{name: http, port: 80}]}
`
export const destinationRule: DestinationRule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { host: 'catalog', subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
}

/** A temporary folder with these files, gone after the test. */
export function folder(t: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const path = mkdtempSync(join(tmpdir(), 'canary-manifests-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

/** A store of the paths, in the namespace shop, and what it reads. */
export async function opened(
  ...paths: string[]
): Promise<{ store: Store; view: ClusterView; notes: readonly string[]; sources: Sources }> {
  const store = await openManifests({ paths, namespace: 'shop' })
  const { view, notes, sources } = await store.read(everything)
  return { store, view, notes, sources: sources ?? assert.fail('files have sources') }
}

/** The VirtualService catalog in a view. */
export const found = (view: ClusterView, ref = catalog): VirtualService =>
  view.get(ref) ?? assert.fail('there is no VirtualService catalog')
export const withHttp = (object: VirtualService, http: readonly HttpRoute[]): VirtualService => ({
  ...object,
  spec: { ...object.spec, http },
})
/** A VirtualService with a route for a cohort before the others. */
export const cohortAdded = (object: VirtualService): VirtualService =>
  withHttp(object, [route('v2', 'internal'), ...object.spec.http!])

/** Asserts that a CanaryError with this code, message and a hint is thrown. */
export const rejects = (promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> =>
  assert.rejects(promise, error => {
    assert.ok(error instanceof CanaryError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.ok(error.hints.length > 0, 'says what to do')
    return true
  })
