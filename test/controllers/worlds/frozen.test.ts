import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { runCommand, words } from '../../plugin/run-command.ts'
import { ControllerStore, liveObjects } from './worlds.ts'

const freeze = { 'kubectl-canary/freeze': '2026-07-31T00:00Z/2026-08-02T00:00Z a launch' }

/** A world in which every Service is frozen, and the Rollout has another status. */
const frozen = (
  world: string,
  { status = {}, spec = {} }: { readonly status?: object; readonly spec?: object },
) =>
  new ControllerStore(
    liveObjects(world).map(object => {
      const { kind, metadata } = object
      if (kind === 'Service')
        return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...freeze } } }
      if (kind !== 'Rollout') return object
      const parts = object as KubeObject & { readonly status?: unknown }
      return {
        ...object,
        spec: { ...fieldsOf(Reflect.get(object, 'spec')), ...spec },
        status: { ...fieldsOf(parts.status), ...status },
      } as KubeObject
    }),
  )

for (const [line, state] of [
  ['promote rollouts-demo --step', {}],
  ['promote rollouts-demo --full', {}],
  ['retry rollouts-demo', { status: { abort: true, phase: 'Degraded' } }],
  ['resume rollouts-demo', { spec: { paused: true } }],
] as const)
  test(`a freeze holds "${line}", and --force does not heed it`, async () => {
    const store = frozen('rollout-istio-subsets', state)
    const held = await runCommand(words(`${line} -n shop`), { store })
    assert.equal(held.code, 3, held.stdout + held.stderr)
    assert.match(held.stderr, /a launch/)
    assert.equal(store.applied.length, 0)
    const forced = await runCommand(words(`${line} -n shop --force`), { store })
    assert.equal(forced.code, 0, forced.stderr)
    assert.equal(store.applied.length, 1)
  })
