import assert from 'node:assert/strict'
import test from 'node:test'
import { mostOf } from '../../../shared/providers/gateway-api/edit/limits.ts'
import { fieldsOf, itemsOf } from '../../../shared/objects/unchecked.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { readCrds, type CrdSet } from '../../cluster/crds.ts'

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce((parent: unknown, key) => fieldsOf(parent)[key], value)

/** The schemas of `spec.rules` of both kinds of routes, in each version that a set serves. */
const rulesIn = async (set: CrdSet): Promise<readonly unknown[]> =>
  (await readCrds(set))
    .filter(({ metadata }) => /^(http|grpc)routes\./.test(metadata.name))
    .flatMap(crd => itemsOf(at(crd, 'spec.versions')))
    .map(version => at(version, 'schema.openAPIV3Schema.properties.spec.properties.rules'))

for (const set of ['gateway-api-v1.1', 'gateway-api-v1.3', 'gateway-api'] as const)
  test(`a route holds as many rules as edits go by, in each definition of ${set}`, async context => {
    const schemas = await orSkip(context, () => rulesIn(set))
    if (schemas === undefined) return
    assert.ok(schemas.length >= 3)
    for (const schema of schemas) {
      assert.equal(at(schema, 'maxItems'), mostOf.rules)
      // A rule of ours has as many matches as the rule that it stands for: a lower limit is kept, too.
      const perRule = Number(at(schema, 'items.properties.matches.maxItems'))
      assert.ok(perRule <= mostOf.matchesOfRule)
      const inAll = itemsOf(at(schema, 'x-kubernetes-validations'))
        .map(rule => /<= (\d+)$/.exec(String(at(rule, 'rule')))?.[1])
        .find(most => most !== undefined)
      assert.equal(Number(inAll ?? perRule * mostOf.rules), mostOf.matches)
    }
  })
