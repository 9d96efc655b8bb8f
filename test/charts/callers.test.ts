/** By what the guard knows its callers, as the chart tells it. */
import assert from 'node:assert/strict'
import { addressesIn } from '../../webhook/serve/known-callers.ts'
import { optionsOf, type Options } from '../../webhook/run/options.ts'
import { helmTest, one, render, template, type Rendered, type Values } from './helm.ts'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const peers = [{ ipBlock: { cidr: '10.0.0.1/32' } }]

interface Pod {
  readonly template: {
    readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] }
  }
}
const optionsIn = (objects: readonly Rendered[]): Options =>
  optionsOf((one(objects, 'Deployment')['spec'] as Pod).template.spec.containers[0].args, {})!
const dataOf = (objects: readonly Rendered[]) =>
  one(objects, 'ConfigMap')['data'] as Readonly<Record<string, string>>

helmTest('without values nobody is taken for an API server', async () => {
  const objects = await render()
  const { clientCA, trustedCallers } = optionsIn(objects)
  assert.deepEqual(
    [clientCA, trustedCallers, Object.keys(dataOf(objects))],
    [undefined, 'certificate', ['config.yaml']],
  )
})

for (const [form, clientCA] of Object.entries({
  PEM: `${pem}\n`,
  base64: Buffer.from(pem).toString('base64'),
}))
  helmTest(`an authority in ${form} is given to the guard as PEM`, async () => {
    const objects = await render({ webhook: { clientCA } })
    assert.equal(optionsIn(objects).clientCA, '/etc/canary-guard/config/client-ca.crt')
    assert.equal(dataOf(objects)['client-ca.crt']!.trim(), pem)
  })

helmTest(
  'peers of the port are trusted only while the policy is there that lets nobody else in',
  async () => {
    const trusted = async (networkPolicy: Values): Promise<string> =>
      optionsIn(await render({ networkPolicy })).trustedCallers
    assert.deepEqual(
      [
        await trusted({ webhookFrom: peers }),
        await trusted({ webhookFrom: peers, enabled: false }),
        await trusted({ webhookFrom: [] }),
        // No policy applies to the network of the node.
        optionsIn(
          await render({
            hostNetwork: true,
            webhook: { port: 10260 },
            networkPolicy: { webhookFrom: peers },
          }),
        ).trustedCallers,
      ],
      ['network', 'certificate', 'certificate', 'certificate'],
    )
    const { ingress } = one(await render({ networkPolicy: { webhookFrom: peers } }), 'NetworkPolicy')[
      'spec'
    ] as {
      readonly ingress: readonly { readonly from?: unknown }[]
    }
    assert.deepEqual(
      ingress.map(({ from }) => from),
      [peers, undefined],
    )
  },
)

helmTest('addresses of API servers are told where every peer is one, with their exceptions', async () => {
  const told = async (webhookFrom: readonly object[]): Promise<string | undefined> =>
    optionsIn(await render({ networkPolicy: { webhookFrom } })).apiServerAddresses
  const blocks = [
    { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } },
    { ipBlock: { cidr: '192.0.2.1/32' } },
  ]
  assert.equal(await told(blocks), '10.0.0.0/8!10.1.0.0/16!10.2.0.0/16,192.0.2.1/32')
  assert.equal(addressesIn((await told(blocks))!)('10.3.0.1'), true)
  assert.equal(await told([...blocks, { podSelector: {} }]), undefined)
  assert.equal(await told([]), undefined)
  // In YAML, a value that ends so would be the key of a map.
  assert.equal(await told([{ ipBlock: { cidr: 'fe80::' } }]), 'fe80::')
})

helmTest('what is no authority is refused', async () => {
  const { code, stderr } = await template('helm4', { webhook: { clientCA: '/etc/ca.crt!' } })
  assert.deepEqual([code, /specifications of the schema/.test(stderr)], [1, true], stderr)
})
