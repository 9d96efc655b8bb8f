import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Repository } from './repository.ts'

const weight = 'weight v2=20 --service store --stable v1'
const wholeRoute = `- op: replace
  path: /spec/http
  value: [{route: [{destination: {host: store, subset: v1}}]}]`
const merged = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: store}
spec: {http: [{route: [{destination: {host: store, subset: v1}}]}]}`
const target = 'target: {kind: VirtualService, name: sto.*}'

const indented = (text: string, by: number): string => text.replaceAll(/^/gm, ' '.repeat(by))
const patchesOf = (patch: string, at: string, by: number): string =>
  indented(`- ${at}\n  patch: |-\n${indented(patch, 4)}`, by)

const flux = (patch: string, { folder = './base', at = target } = {}): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec:
  path: ${folder}
  patches:
${patchesOf(patch, at, 2)}
`
const application = (patch: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  sources:
  - repoURL: https://git.example.com/other.git
    path: base
  - repoURL: https://git.example.com/shop.git
    path: overlays/prod
    kustomize:
      patches:
${patchesOf(patch, target, 6)}
`

/** What is told of an edit of the base in a repository with an object of Argo CD or Flux. */
async function told(object: string, line = `${weight} -f @base`): Promise<string> {
  using repository = new Repository({ '.git/HEAD': '', 'clusters/prod/shop.yaml': object })
  const { code, stderr } = await repository.run(line)
  assert.equal(code, 0, stderr)
  return stderr
}

describe('an edit that Argo CD or Flux hides by a patch of its own', () => {
  it('is told with the place of the patch', async () => {
    for (const at of [target, 'target: {kind: VirtualService}'])
      assert.match(
        await told(flux(wholeRoute, { at })),
        /Kustomization flux-system\/shop of Flux patches .*VirtualService \S*store @clusters\/prod\/shop\.yaml:8\)/,
      )
    assert.match(await told(flux(merged)), /Kustomization flux-system\/shop of Flux patches/)
    assert.match(
      await told(application(wholeRoute)),
      /Application argocd\/shop of Argo CD patches .* @clusters\/prod\/shop\.yaml:13\)/,
    )
    const before = `- {op: replace, path: /spec/http/0/timeout, value: 3s}`
    assert.match(
      await told(flux(before), 'cohort internal --to v2 --service store --stable v1 -f @base'),
      /patches/,
    )
  })

  it('is not told of a patch of other fields, of other objects or for another folder', async () => {
    for (const object of [
      flux('- {op: replace, path: /spec/hosts/0, value: store.example.com}'),
      flux('- {op: test, path: /spec/http/0/route/0/weight, value: 90}'),
      flux(wholeRoute, { at: 'target: {kind: VirtualService, name: other}' }),
      flux(wholeRoute, { folder: './clusters' }),
      flux('{{ not yaml'),
    ])
      assert.doesNotMatch(await told(object), /of Flux/)
  })
})
