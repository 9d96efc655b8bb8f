import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DestinationRule } from '../../../../shared/objects/destination-rule.ts'
import type { Subset } from '../../../../shared/objects/destination-rule.ts'
import { addSubset, subsetNameFor } from '../../../../shared/providers/istio/edit/subsets.ts'
import { destinationRule } from '../../../plan/worlds.ts'

const labelled = (name: string, version?: string) => ({
  name,
  labels: version === undefined ? { tier: 'gold' } : { version },
})

describe('the subset of a new version', () => {
  it('is added behind the others', () => {
    const rule: DestinationRule = destinationRule('v1')
    assert.deepEqual(
      addSubset(rule, labelled('version-v2', 'v2')).spec.subsets!.map(({ name }) => name),
      ['version-v1', 'version-v2'],
    )
  })
  it('is not added where there is one of its name', () => {
    const rule = destinationRule('v1')
    assert.equal(addSubset(rule, labelled('version-v1', 'v7')), rule)
  })
  it('is named in the manner of the others, where these agree on one', () => {
    assert.equal(
      subsetNameFor('v3', [labelled('version-v1', 'v1'), labelled('version-v2', 'v2')]),
      'version-v3',
    )
    assert.equal(subsetNameFor('v3', [labelled('v1', 'v1')]), 'v3')
    assert.equal(subsetNameFor('v3', []), 'v3')
  })
  it('has a name that Istio takes, whatever the label of the version is', () => {
    assert.equal(subsetNameFor('1.4.0', []), '1-4-0')
    assert.equal(subsetNameFor('1.5.0', [labelled('v-1-4-0', '1.4.0')]), 'v-1-5-0')
    assert.equal(subsetNameFor('1.4', [labelled('1-4', '1-4')]), '1-4-2')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,60}[A-Za-z0-9])?$/), {
          minLength: 1,
        }),
        versions => {
          const subsets: Subset[] = []
          for (const version of versions) subsets.push(labelled(subsetNameFor(version, subsets), version))
          const names = subsets.map(({ name }) => name)
          assert.equal(new Set(names).size, names.length)
          for (const name of names) assert.match(name, /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
        },
      ),
    )
  })
  it('is named as the version where the others do not agree, or are not named for versions', () => {
    assert.equal(subsetNameFor('v3', [labelled('version-v1', 'v1'), labelled('v2', 'v2')]), 'v3')
    assert.equal(subsetNameFor('v3', [labelled('stable', 'v1')]), 'v3')
    assert.equal(subsetNameFor('v3', [labelled('version-v1', 'v1'), labelled('gold')]), 'v3')
  })
})
