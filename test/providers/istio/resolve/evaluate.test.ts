import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namespaceOf } from '../../../../shared/objects/kube-object.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { referencesIn } from './proxy-references.ts'
import { idOfScenario, meshOf, objectsIn, scenarios, type TruthRow } from './corpus.ts'

/** A row as both sides can say it: workload templates tell whether there are endpoints, not how many. */
const textOf = (row: Omit<TruthRow, 'endpoints'> & { readonly endpoints: number | undefined }): string =>
  `${row.vs} → ${row.host} ${row.subset ?? '-'} :${row.port}${row.mirror ? ' mirror' : ''} weight ${row.weight ?? '-'} ${row.cluster_exists ? 'exists' : 'missing'} ${Math.sign(row.endpoints ?? NaN)}`

describe('the evaluator agrees with the configuration that Istio generates', () => {
  for (const scenario of scenarios) {
    it(`${idOfScenario(scenario)}: ${scenario.why}`, () => {
      const view = sessionOf(snapshot(objectsIn(scenario.file), { mesh: meshOf(scenario) }))
      for (const { name, namespace, type, labels } of scenario.proxies) {
        const found = view.list('VirtualService').flatMap(object =>
          referencesIn(view, object, { namespace, labels, isGateway: type !== 'sidecar' }).map(
            ({ host, subset, port, isMirror, weight, hasCluster, endpoints }) =>
              textOf({
                vs: `${namespaceOf(object)}/${object.metadata.name}`,
                host,
                subset: subset ?? null,
                port: port!,
                mirror: isMirror,
                weight: weight ?? null,
                cluster_exists: hasCluster,
                endpoints,
              }),
          ),
        )
        assert.deepEqual(
          [...new Set(found)].sort(),
          [...new Set(scenario.truth[name]!.map(textOf))].sort(),
          name,
        )
      }
    })
  }
})
