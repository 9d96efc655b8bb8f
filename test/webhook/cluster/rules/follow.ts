import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { ensureAssets } from '../../../cluster/assets.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { blocksOf, commandsIn, edited, editsIn, type DenialBlock } from './denial.ts'

/** Runs a command line unchanged, in which `kubectl` is the cluster's. */
export async function shell(cluster: Cluster, command: string): Promise<void> {
  const { code, stderr } = await cluster.run('sh', [
    '-c',
    `PATH="${dirname((await ensureAssets(['kubectl'])).kubectl)}:$PATH"; ${command}`,
  ])
  assert.equal(code, 0, `${command}\n${stderr}`)
}

/** Which of the ways that a fix offers is taken: the edit of what is being sent, or the command. */
export type Way = 'edit' | 'command'

/** One change and how it was fixed. */
export interface AppliedFix {
  /** The rules that refused it, in order, each time anew. */
  readonly rules: readonly string[]
  /** The messages, for what is to be said of their words. */
  readonly messages: readonly string[]
  /** What was taken in the end. */
  readonly object: KubeObject
}

/** Applies an object, does what the refusals say to the letter, and applies it again until it is taken. Fails where a fix names nothing that could be done. */
export async function follow(cluster: Cluster, object: KubeObject, way: Way): Promise<AppliedFix> {
  const [rules, messages]: [string[], string[]] = [[], []]
  for (let i = 0; i < 4; i++) {
    const { code, stderr } = await cluster.applied(object)
    if (code === 0) return { rules, messages, object }
    const blocks = blocksOf(stderr)
    assert.ok(blocks.length > 0, stderr)
    rules.push(...blocks.map(({ rule }) => rule))
    messages.push(stderr)
    assert.ok(
      blocks.some(block => takes(block, way) !== undefined),
      `nothing is named that could be done:\n${stderr}`,
    )
    for (const command of new Set(
      blocks.flatMap(block => (takes(block, way) === 'command' ? commandsIn(block) : [])),
    ))
      await shell(cluster, command)
    object = blocks
      .flatMap(block => (takes(block, way) === 'edit' ? editsIn(block) : []))
      .toReversed()
      .reduce(edited, object)
  }
  throw new Error(`still refused:\n${messages.at(-1)}`)
}

/** The way where it is offered, else the other one. */
function takes(block: DenialBlock, way: Way): Way | undefined {
  const has = { edit: editsIn(block).length > 0, command: commandsIn(block).length > 0 }
  const other = way === 'edit' ? 'command' : 'edit'
  return has[way] ? way : has[other] ? other : undefined
}
