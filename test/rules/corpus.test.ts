import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { idOfScenario, meshOf, objectsIn, owed, scenarios } from '../providers/istio/resolve/corpus.ts'

const settings = { complete: true, relativeWeights: false }

describe('lint --complete says of each scenario what it owes, and nothing else', () => {
  for (const scenario of scenarios) {
    it(`${idOfScenario(scenario)}: ${scenario.why}`, () => {
      const { must, also_accepted: accepted = [] } = owed[idOfScenario(scenario)]!
      const findings = lintView(
        { rules: catalogue, settings },
        snapshot(objectsIn(scenario.file), { mesh: meshOf(scenario) }),
      )
      const said = Object.fromEntries(
        findings
          // The scenarios leave Namespaces out, and do not ask about DestinationRules for nobody.
          .filter(
            ({ rule, ref }) =>
              rule !== 'unknown-namespace' && (rule !== 'unknown-host' || ref.kind !== 'DestinationRule'),
          )
          .map(({ rule, severity }) => [rule, severity.lint])
          .filter(([rule]) => must[rule!] !== undefined || !accepted.includes(rule!)),
      )
      assert.deepEqual(
        said,
        must,
        findings.map(({ rule, ref, message }) => `${rule} ${ref.name}: ${message}`).join('\n'),
      )
    })
  }
})
