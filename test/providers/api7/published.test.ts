import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '../../../shared/objects/core.ts'
import { publishedOf } from '../../../shared/providers/api7/resolve/published.ts'

const read = (annotations: Readonly<Record<string, string>>) =>
  publishedOf({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'error-page-v2', namespace: 'demo', annotations },
  } as Service)

const [app, mark, percent] = [
  'api7.cloud/published-service',
  'api7.cloud/published-canary-service',
  'api7.cloud/published-service-canary-percentage',
]

describe('what the controller of API7 Cloud makes of a Service', () => {
  it('is nothing without its annotations, and nothing yet where it is not published', () => {
    assert.equal(read({}), undefined)
    assert.equal(read({ [percent]: '10' }), undefined)
    assert.equal(read({ [mark]: 'true', [percent]: '10' })?.state, 'prepared')
  })

  it('is the application, a canary of it, a finished one, or one that was rolled back', () => {
    assert.equal(read({ [app]: 'page' })?.state, 'published')
    assert.equal(read({ [app]: 'page', [mark]: 'true', [percent]: '10' })?.state, 'canary')
    assert.equal(read({ [app]: 'page', [mark]: 'true', [percent]: '100' })?.state, 'finished')
    assert.equal(read({ [app]: 'page', [percent]: '10' })?.state, 'rolled-back')
    assert.equal(read({ [app]: 'page', [mark]: 'yes' })?.state, 'published')
  })

  it('has the percentage that Go reads, and none that its client loses', () => {
    const of = (text?: string) =>
      read({ [app]: 'page', [mark]: 'true', ...(text !== undefined && { [percent]: text }) })?.percent
    assert.deepEqual([undefined, '25', '+7', '12.5', 'ten', ' 5', '250', '0', '-5'].map(of), [
      10,
      25,
      7,
      10,
      10,
      10,
      100,
      undefined,
      undefined,
    ])
  })
})
