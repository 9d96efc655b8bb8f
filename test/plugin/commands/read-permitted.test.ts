import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import type { Reading, Scope, Store } from '../../../shared/view/store.ts'
import { runCommand, words } from '../run-command.ts'

/** What a person may do on a cluster with the namespaces shop, web and bank. */
interface Rights {
  readonly namespaces: readonly string[]
  readonly listsNamespaces: boolean
}

const forbidden = () =>
  new CanaryError(
    'forbidden',
    'services is forbidden: User "ann" cannot list resource "services" in API group "" at the cluster scope',
  )
const object = (kind: string, namespace: string, spec: object): KubeObject & { readonly spec: object } => ({
  apiVersion: kind === 'Service' ? 'v1' : 'networking.istio.io/v1',
  kind,
  metadata: { name: 'catalog', namespace },
  spec,
})
const all = ['shop', 'web', 'bank'].flatMap(namespace => [
  object('Service', namespace, { ports: [{ name: 'http', port: 80 }] }),
  object('VirtualService', namespace, {
    hosts: ['catalog'],
    http: [
      {
        route: [
          { destination: { host: 'catalog' }, weight: 90 },
          { destination: { host: 'catalog', port: { number: 80 } }, weight: 20 },
        ],
      },
    ],
  }),
])
const named = ['shop', 'web', 'bank'].map(name => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}))

/** A store that reads what the rights allow, as the live one does. */
const storeFor = ({ namespaces: may, listsNamespaces }: Rights): Store => ({
  namespace: 'shop',
  async read({ namespaces, kinds }: Scope): Promise<Reading> {
    const isList = kinds?.length === 1 && kinds[0] === 'Namespace'
    if (isList) return { view: snapshot(listsNamespaces ? named : []), notes: [], live: true }
    if (namespaces === '*' || namespaces.some(name => !may.includes(name))) throw forbidden()
    const seen = all.filter(({ metadata }) => namespaces.includes(metadata.namespace ?? ''))
    const note = 'No permission to list virtualservices in all namespaces: only those in shop were read.'
    return { view: snapshot(seen), notes: [note], live: true }
  },
  apply: () => assert.fail('nothing is written'),
  diff: () => assert.fail('nothing is written'),
  close: async () => undefined,
})

describe('-A without the right to list in all namespaces', () => {
  for (const verb of ['status', 'list', 'lint'])
    it(`reads what may be read, with one line that names the right: ${verb}`, async () => {
      const some = storeFor({ namespaces: ['shop', 'bank'], listsNamespaces: true })
      const { code, stdout, stderr } = await runCommand(words(`${verb} -A`), { store: some })
      assert.equal(code, verb === 'lint' ? 3 : 0)
      // None of the services has a canary that list would show.
      if (verb !== 'list') for (const name of ['shop', 'bank']) assert.match(stdout, new RegExp(name))
      assert.doesNotMatch(stdout, /web/)
      const lines = stderr.split('\n').filter(line => /permission|forbidden|cannot list/i.test(line))
      assert.equal(lines.length, 1)
      assert.match(
        lines[0]!,
        /User "ann" cannot list resource "services" .* at the cluster scope; only namespaces bank, shop were read\.$/,
      )
    })

  it('reads the namespace of the kubeconfig where namespaces cannot be listed', async () => {
    const own = storeFor({ namespaces: ['shop'], listsNamespaces: false })
    const { code, stdout, stderr } = await runCommand(words('status -A'), { store: own })
    assert.equal(code, 0)
    assert.match(stdout, /^catalog in namespace shop/)
    assert.match(stderr, /; only namespace shop was read\.$/m)
  })
  it('is an error where no namespace may be read', async () => {
    const nothing = storeFor({ namespaces: [], listsNamespaces: true })
    const { code, stderr } = await runCommand(words('lint -A'), { store: nothing })
    assert.equal(code, 1)
    assert.match(stderr, /^error: services is forbidden/)
  })
})
