import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import {
  applyCommand,
  commandNamespace,
  deleteCommand,
  labelCommand,
  patchCommand,
  removeAnnotationCommand,
} from '../../shared/objects/text/kubectl-commands.ts'
import { fc } from '../properties.ts'

/** The words that a shell hands to kubectl. */
const words = (command: string): readonly string[] =>
  execFileSync('sh', ['-c', `kubectl() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

const name = fc.string({
  unit: fc.constantFrom('a', '.', '-', "'", '"', '$', '`', ';', ' ', '\\', '\n', 'é'),
  minLength: 1,
  maxLength: 8,
})

test('a shell hands every name and value to kubectl as it is, whatever is in it', () => {
  fc.assert(
    fc.property(name, name, name, (namespace, called, value) => {
      const ref = { kind: 'DestinationRule', namespace, name: called } as const
      const of = ['destinationrules.networking.istio.io', called, '-n', namespace]
      assert.deepEqual(words(deleteCommand(ref)), ['delete', ...of])
      const [verb, ...rest] = words(patchCommand(ref, 'merge', { value }))
      assert.deepEqual([verb, ...rest.slice(0, 5)], ['patch', ...of, '--type=merge'])
      assert.deepEqual(JSON.parse(rest[5]!.slice('-p='.length)), { value })
      assert.equal(words(labelCommand(ref, 'version', value)).at(-1), `version=${value}`)
    }),
    { numRuns: 40 },
  )
})

test('of each command it is known in which namespace it changes something, or that this is not known', () => {
  fc.assert(
    fc.property(name, name, (namespace, called) => {
      const ref = { kind: 'DestinationRule', namespace, name: called } as const
      for (const command of [
        deleteCommand(ref),
        patchCommand(ref, 'json', [{ op: 'add', path: '/x', value: ' -n elsewhere ' }]),
        labelCommand(ref, 'version', 'v1'),
        removeAnnotationCommand(ref, 'x'),
        applyCommand({ apiVersion: 'v1', kind: 'Service', metadata: { name: called, namespace } }),
      ])
        assert.ok([namespace, ''].includes(commandNamespace(command)!), command)
      assert.equal(commandNamespace(deleteCommand({ ...ref, name: 'x', namespace: 'shop' })), 'shop')
    }),
  )
  assert.equal(commandNamespace('Set spec.hosts[0]: kubectl'), undefined)
  assert.equal(commandNamespace('kubectl canary cohort internal catalog --remove -n bank'), 'bank')
})
