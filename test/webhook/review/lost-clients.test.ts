import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { type Verdict } from '../../../webhook/review/review.ts'
import { judgedAmong, rulesOf } from '../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../requests.ts'

const hidden = 'subset-hidden-from-clients'
const defined = destinationRule(['v1', 'v2'])
const good = virtualService({ v1: 90, v2: 10 })
const open = {
  ...good,
  spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
} as KubeObject
const inWeb = (spec: object): KubeObject =>
  ({
    ...defined,
    metadata: { name: 'mtls', namespace: 'web' },
    spec: { host: 'catalog.shop.svc.cluster.local', ...spec },
  }) as KubeObject
const hiding = inWeb({ trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } })

const base = [namespaceObject(), namespaceObject({ name: 'web' }), service(), workload('v1'), workload('v2')]
const judged = judgedAmong(base)
const denied = ({ denials }: Verdict): readonly string[] => rulesOf(denials)
const warned = ({ warnings }: Verdict): readonly string[] => rulesOf(warnings)

describe('the loss of a working destination for a client', () => {
  it('by a change of routes is denied, with the namespace and the DestinationRule that applies there', () => {
    const { denials } = judged({ before: open, after: good }, [defined, hiding, open])
    assert.deepEqual(
      denials.map(({ rule, ref }) => [rule, ref.name]),
      [
        [hidden, 'catalog'],
        [hidden, 'catalog'],
      ],
    )
    assert.match(denials[0]!.message, /clients in web lose .*web\/mtls/)
  })
  it('by a DestinationRule of its namespace is denied, with a fix that completes the rule', () => {
    const verdict = judged({ after: hiding }, [defined, good])
    assert.deepEqual(denied(verdict), [hidden])
    assert.match(verdict.denials[0]!.fix, /^Add in DestinationRule web\/mtls:\nan item of spec\.subsets: /)
  })
  it('by the deletion of its own DestinationRule is denied, if that of the Service is not exported', () => {
    const own = inWeb({ subsets: [{ name: 'v1' }, { name: 'v2' }] })
    const secret = {
      ...defined,
      spec: { ...(Reflect.get(defined, 'spec') as object), exportTo: ['.'] },
    } as KubeObject
    assert.deepEqual(denied(judged({ before: own }, [secret, own, good])), [hidden])
  })
  it('is a warning in a dry run, because the definition of the subset may be in the same batch', () => {
    const verdict = judged({ before: open, after: good, dryRun: true }, [defined, hiding, open])
    assert.deepEqual([denied(verdict), warned(verdict)], [[], [hidden]])
  })
  it('is a warning where the configuration says so', () => {
    for (const settings of [
      { rules: { [hidden]: 'warn' } },
      { absent: { ...defaultConfig.absent, subset: 'warn' } },
    ] as const)
      assert.deepEqual(denied(judged({ before: open, after: good }, [defined, hiding, open], settings)), [])
  })
  it('is not reported if it was lost before', () => {
    const verdict = judged({ before: good, after: virtualService({ v1: 80, v2: 20 }) }, [
      defined,
      hiding,
      good,
    ])
    assert.deepEqual([denied(verdict), warned(verdict)], [[], [hidden]])
  })
})

describe('a DestinationRule of the clients for a wildcard host', () => {
  it('makes the loss a warning, unless another rule causes it as well or its namespace binds everybody', () => {
    const wildcard = inWeb({ host: '*.svc.cluster.local', exportTo: ['.'] })
    const among = [defined, wildcard, open]
    const verdict = judged({ before: open, after: good }, among)
    assert.deepEqual([denied(verdict), warned(verdict)], [[], [hidden]])
    const others = inWeb({ host: '*.shop.svc.cluster.local' })
    assert.deepEqual(warned(judged({ after: good }, [defined, others])), [hidden])
    const binding = { crossNamespace: { deny: ['web'] } }
    assert.deepEqual(denied(judged({ before: open, after: good }, among, binding)), [hidden])
    const named = judged({ before: open, after: good }, [...among, hiding])
    assert.deepEqual(denied(named), [hidden])
  })
})
