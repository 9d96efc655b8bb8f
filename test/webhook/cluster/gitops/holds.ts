import assert from 'node:assert/strict'
import type { Cluster } from '../../../cluster/cluster.ts'
import { canary, type Release } from './releases.ts'
import { pathOf } from './tools.ts'

interface Stored {
  readonly spec: Readonly<Record<string, unknown>>
}

/** Asserts that a namespace holds the objects of a release, as they are said there, and no other routing. */
export async function assertHolds(cluster: Cluster, namespace: string, release: Release): Promise<void> {
  for (const object of [...canary, ...release]) {
    const { status, body } = await cluster.request(pathOf(object, namespace))
    const said = release.find(
      each => each.kind === object.kind && each.metadata.name === object.metadata.name,
    )
    const name = `${object.kind} ${object.metadata.name}`
    assert.equal(status, said === undefined ? 404 : 200, name)
    if (said !== undefined) assertIncludes((body as Stored).spec, said.spec, name)
  }
}

/** Asserts that a value says all that is wanted; the API server adds defaults. */
function assertIncludes(value: unknown, wanted: unknown, name: string): void {
  if (typeof wanted !== 'object' || wanted === null) return assert.equal(value, wanted, name)
  if (Array.isArray(wanted))
    assert.equal((value as readonly unknown[] | undefined)?.length, wanted.length, name)
  for (const [key, each] of Object.entries(wanted))
    assertIncludes((value as Readonly<Record<string, unknown>> | undefined)?.[key], each, `${name} ${key}`)
}
