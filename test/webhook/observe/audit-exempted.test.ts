import assert from 'node:assert/strict'
import test from 'node:test'
import { pino } from 'pino'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { Audit } from '../../../webhook/observe/audit.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { plantedJudge } from '../planted-rules.ts'
import { destinationRule, namespaceObject, service, virtualService } from '../requests.ts'

test('the audit counts exempted findings apart, and those that may not be exempted as findings', async () => {
  const exempted = virtualService(
    { v1: 90, v2: 20 },
    { name: 'exempted', annotations: { 'kubectl-canary/exempt': 'weights-sum-to-100: load test' } },
  )
  const view = snapshot([
    namespaceObject(),
    service(),
    destinationRule(['v1', 'v2']),
    exempted,
    virtualService({ v1: 90, v2: 20 }),
  ])
  const counts = async (exemptions: GuardConfig['exemptions']): Promise<readonly (readonly number[])[]> => {
    const lines: string[] = []
    const metrics = createMetrics()
    await new Audit({
      view,
      judge: () => plantedJudge,
      exemptions: () => exemptions,
      log: pino({ base: null }, { write: text => void lines.push(text) }),
      metrics,
    }).run(new AbortController().signal)
    const { exempted } = JSON.parse(lines.at(-1)!) as { readonly exempted: number }
    const gauges = await Promise.all([metrics.auditFindings.get(), metrics.auditExempted.get()])
    return [gauges.map(({ values }) => values.reduce((sum, { value }) => sum + value, 0)), [exempted]]
  }
  assert.deepEqual(await counts(defaultConfig.exemptions), [[1, 1], [1]])
  assert.deepEqual(await counts({ allowed: 'anyone', never: ['weights-sum-to-100'] }), [[2, 0], [0]])
})
