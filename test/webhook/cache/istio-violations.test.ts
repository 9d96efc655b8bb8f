import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { introduced, lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { isJudgedWhole } from '../../../webhook/cache/istio-violations.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { judgeBy } from '../../../webhook/run/judge-by.ts'

const fixtures = new URL('../../fixtures/', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, fixtures), 'utf8')
const tables = readdirSync(new URL('verdicts/', fixtures)).map(
  file =>
    parse(textOf(`verdicts/${file}`)) as {
      readonly kind: string
      readonly cases: readonly { readonly spec: object }[]
    },
)
const objects: readonly KubeObject[] = [
  ...textOf('corpus/istiod-verdicts.jsonl')
    .split('\n')
    .filter(line => line !== '')
    .map(line => (JSON.parse(line) as { readonly object: KubeObject }).object),
  ...tables.flatMap(({ kind, cases }) =>
    cases.map(({ spec }) => ({
      apiVersion: 'networking.istio.io/v1',
      kind,
      metadata: { name: 'x', namespace: 'shop' },
      spec,
    })),
  ),
]

const judge = judgeBy(
  guardedRules.filter(({ id }) => id === 'istio-rejects'),
  defaultConfig,
)
const findings = (object: KubeObject) => lintView(judge, snapshot([object]))

const broken = (weight: number) =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: {
      host: 'cart',
      subsets: [
        {
          name: 'v1',
          trafficPolicy: {
            loadBalancer: {
              consistentHash: { httpCookie: { name: '' } },
              localityLbSetting: { distribute: [{ from: 'eu', to: { eu: weight } }] },
            },
          },
        },
      ],
    },
  }) as KubeObject

describe('a violation of istio-rejects', () => {
  it('is the same for every projection as for the whole object', () => {
    for (const object of objects)
      assert.deepEqual(findings(projectObject(object)!), findings(object), JSON.stringify(object))
    assert.ok(objects.filter(object => findings(object).length > 0).length > 100)
  })
  it('is found in a field that is not kept', () => {
    const kept = projectObject(broken(100))!
    assert.equal(JSON.stringify(kept).includes('httpCookie'), false)
    assert.deepEqual(
      findings(kept).map(({ path }) => path.at(-1)),
      ['name'],
    )
  })
  it('is found again in a whole object, whatever was remembered of another one', () => {
    const view = snapshot([projectObject(broken(100))!])
    const about = (weight: number) =>
      introduced(judge, view, [{ before: broken(100), after: broken(weight) }]).map(({ path }) => path.at(-1))
    assert.deepEqual([about(100), about(90)], [[], ['to']])
  })
  it('is none of another API that has a kind of the same name', () => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'edge', namespace: 'shop' },
      spec: { gatewayClassName: 'x', listeners: [] },
    } as unknown as KubeObject
    assert.deepEqual(
      [isJudgedWhole(gateway), isJudgedWhole({ ...gateway, apiVersion: 'networking.istio.io/v1' })],
      [false, true],
    )
  })
})
