import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import { reachedRules } from '../../../shared/providers/apisix/resolve/table.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apisixRoute, around, cohort, to } from './shop.ts'

const hosts = ['shop.example.com']
const rule = (name: string, path: string, more: Partial<ApisixRule> = {}): ApisixRule => ({
  name,
  match: { hosts, paths: [path] },
  backends: [to('catalog-v1')],
  ...more,
})
const other = { backends: [to('orders')] }
const viewOf = (...http: readonly ApisixRule[]) => snapshot([...around, apisixRoute('catalog', http)])

describe('a rule for a path inside the prefix of another rule', () => {
  it('is in the way of a cohort that would take its requests, as it has no higher priority', () => {
    const cohortBeside = (path: string, priority: number) =>
      planCohort(viewOf(rule('all', '/api/*'), rule('inside', path, { ...other, priority })), cohort(), [
        apisix,
      ])
    assert.throws(
      () => cohortBeside('/api/*/items', 0),
      /would take requests from ApisixRoute shop\/catalog spec\.http\[1\]/,
    )
    for (const [path, priority] of [
      ['/api/*/items', 2],
      // A longer prefix or an exact path is tried before whatever the priorities say.
      ['/api/v1/*', 0],
      ['/api/items', 0],
    ] as const)
      assert.equal(cohortBeside(path, priority).changes.length, 1)
  })

  it('gets no requests where the prefix has the higher priority, and all where it has the same', () => {
    const reached = (path: string, priority: number, more: object = {}): boolean => {
      const view = inSession(
        viewOf(rule('all', '/api/*', { priority, ...more }), rule('inside', path, other)),
      )
      return reachedRules(view, view.list('ApisixRoute')[0]!).has(1)
    }
    assert.equal(reached('/api/*/items', 1), false)
    assert.equal(reached('/api/*/items', 0), true)
    assert.equal(reached('/api/v1/*', 1), true)
    const forHosts = (...names: readonly string[]) => ({ match: { hosts: names, paths: ['/api/*'] } })
    assert.equal(reached('/api/*', 1, forHosts(...hosts, 'shop.example.org')), false)
    assert.equal(reached('/api/*', 1, forHosts('shop.example.org')), true)
    // Where hosts are looked at first, the rule that names the host goes before.
    assert.equal(reached('/api/*', 1, { match: { paths: ['/api/*'] } }), true)
  })
})
