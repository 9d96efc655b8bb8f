/** failurePolicy Fail: what it needs of other values, where it sends reviews, and what NOTES says of it. */
import assert from 'node:assert/strict'
import { chart, helm, helms, helmTest, one, render, template, type Rendered, type Values } from './helm.ts'

const dryInstall = ['install', 'guard', chart, '--namespace', 'guard-system', '--dry-run=client']
const fail = { webhook: { failurePolicy: 'Fail' } }

interface Entry {
  readonly name: string
  readonly failurePolicy: string
  readonly clientConfig: { readonly url?: string; readonly service?: { readonly path: string } }
}
const entriesOf = (objects: readonly Rendered[]): readonly (readonly string[])[] =>
  (one(objects, 'ValidatingWebhookConfiguration')['webhooks'] as readonly Entry[]).map(
    ({ name, failurePolicy, clientConfig: { url, service } }) => [
      name.split('.')[0]!,
      failurePolicy,
      (url ?? service!.path).replace(/.*\/validate/, '/validate'),
    ],
  )

for (const more of [{}, { url: 'https://guard.example.com/validate' }])
  helmTest(
    `only routes are closed, and only with failurePolicy Fail${'url' in more ? ', at a URL too' : ''}`,
    async () => {
      const closed = [
        ['routes', 'Fail', '/validate/fail-closed'],
        ['backends', 'Ignore', '/validate/fail-open'],
        ['exemptions', 'Ignore', '/validate/fail-open'],
        ['scaling', 'Ignore', '/validate/fail-open'],
      ]
      for (const config of [{}, { onError: 'deny' }, { onError: 'allow' }])
        assert.deepEqual(entriesOf(await render({ webhook: { ...fail.webhook, ...more }, config })), closed)
      assert.deepEqual(entriesOf(await render({ webhook: more })), [
        ['routes', 'Ignore', '/validate'],
        ['backends', 'Ignore', '/validate'],
        ['exemptions', 'Ignore', '/validate'],
        ['scaling', 'Ignore', '/validate'],
      ])
      assert.deepEqual(
        entriesOf(await render({ webhook: more, config: { onError: 'deny' } })).map(([, , path]) => path),
        ['/validate', '/validate', '/validate', '/validate/fail-open'],
      )
    },
  )

/** Values that could leave no replica, and the value that is named. */
const refused: readonly (readonly [what: string, values: Values])[] = [
  ['replicas is 1', { replicas: 1 }],
  ['replicas is 0', { replicas: 0 }],
  ['replicas is 1', { replicas: 1, webhook: { url: 'https://guard.example.com/validate' } }],
  ['updateStrategy.type is Recreate', { updateStrategy: { type: 'Recreate' } }],
  ['maxUnavailable is 2, which', { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }],
  ['maxUnavailable is 100%', { replicas: 5, updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } }],
  ['podDisruptionBudget.enabled is false', { podDisruptionBudget: { enabled: false } }],
  ['podDisruptionBudget.maxUnavailable is 2', { podDisruptionBudget: { maxUnavailable: 2 } }],
  // Of budgets, percentages are rounded up.
  [
    'podDisruptionBudget.maxUnavailable is 67%',
    { replicas: 3, podDisruptionBudget: { maxUnavailable: '67%' } },
  ],
  ['podDisruptionBudget.maxUnavailable is not set', { podDisruptionBudget: { maxUnavailable: null } }],
  ['podDisruptionBudget.minAvailable is 0', { podDisruptionBudget: { minAvailable: 0 } }],
  ['podDisruptionBudget.minAvailable is 0%', { podDisruptionBudget: { minAvailable: '0%' } }],
]
const admitted: readonly Values[] = [
  {},
  { replicas: 3, updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } },
  // Of updates, percentages are rounded down.
  { updateStrategy: { rollingUpdate: { maxUnavailable: '99%' } } },
  // Kubernetes' own default is 25%.
  { updateStrategy: null },
  { updateStrategy: { type: null } },
  { updateStrategy: { rollingUpdate: null } },
  { updateStrategy: { rollingUpdate: { maxUnavailable: null } } },
  { config: null, policy: { enabled: true } },
  { replicas: 3, podDisruptionBudget: { maxUnavailable: '66%' } },
  { podDisruptionBudget: { minAvailable: '1%', maxUnavailable: 2 } },
  {
    replicas: 0,
    webhook: { url: 'https://guard.example.com/validate' },
    podDisruptionBudget: { enabled: false },
  },
]
const closing = (values: Values): Values => ({
  ...values,
  webhook: { ...(values['webhook'] as object | undefined), ...fail.webhook },
})

for (const which of helms) {
  helmTest(
    `${which} refuses failurePolicy Fail where no replica could be left, and takes it elsewhere`,
    async () => {
      for (const [what, values] of refused) {
        assert.equal((await template(which, values)).code, 0, what)
        const { code, stderr } = await template(which, closing(values))
        assert.equal(code, 1, what)
        assert.ok(stderr.includes(what), stderr)
        assert.match(stderr, /: set (it|RollingUpdate) [^]*or set webhook.failurePolicy to Ignore/)
      }
      for (const values of admitted) {
        const { code, stderr } = await template(which, closing(values))
        assert.deepEqual([code, stderr], [0, ''], JSON.stringify(values))
      }
    },
  )
}

helmTest('all that stands against failurePolicy Fail is said at once', async () => {
  const { stderr } = await template(
    'helm4',
    closing({ replicas: 1, updateStrategy: { type: 'Recreate' }, podDisruptionBudget: { enabled: false } }),
  )
  assert.equal([...stderr.matchAll(/^- /gm)].length, 3, stderr)
})

helmTest(
  'a strategy that stops all replicas is taken with failurePolicy Ignore, without what it has no use for',
  async () => {
    assert.partialDeepStrictEqual(one(await render({ updateStrategy: { type: 'Recreate' } }), 'Deployment'), {
      spec: { strategy: { type: 'Recreate' } },
    })
  },
)

helmTest(
  'the notes offer failurePolicy Fail with what it needs, and never a command that is refused',
  async () => {
    for (const [what, values] of refused) {
      if (what === 'replicas is 0' || 'webhook' in values) continue
      const { stdout } = await helm('helm4', [
        ...dryInstall,
        ...Object.entries(values).flatMap(([key, value]) => [
          '--set-json',
          `${key}=${JSON.stringify(value)}`,
        ]),
      ])
      const [, sets] = /--set (\S*webhook\.failurePolicy=Fail)$/m.exec(stdout)!
      const { code, stderr } = await template('helm4', values, ['--set', sets!])
      assert.deepEqual([code, stderr], [0, ''], `${what}: ${sets}`)
    }
  },
)

helmTest('the notes offer no label and no annotation that nobody may write', async () => {
  const notes = async (allowed: unknown): Promise<string> => {
    const values = {
      webhook: { failurePolicy: 'Fail', excludedNamespaces: ['legacy'] },
      config: { exemptions: { allowed } },
    }
    const { stdout } = await helm('helm4', [...dryInstall, '--set-json', JSON.stringify(values)])
    return stdout.slice(stdout.indexOf('NOTES:'))
  }
  const nobody = await notes('nobody')
  assert.doesNotMatch(nobody, /kubectl (label|annotate)/)
  assert.ok(nobody.includes("--set 'webhook.excludedNamespaces={legacy,NAME}'"), nobody)
  assert.match(
    await notes({ groups: ['platform'] }),
    /kubectl label namespace NAME .* \(who may: config\.exemptions\.allowed\)/,
  )
  assert.doesNotMatch(await notes('anyone'), /who may/)
})

helmTest(
  'without a failure policy of the values it is Ignore, and not what Kubernetes takes for the default',
  async () => {
    const entries = entriesOf(await render({ webhook: { failurePolicy: null } }))
    assert.deepEqual(entries, entriesOf(await render()))
  },
)
