/**
 * Which test files run in one process. A process loads its modules once and starts its API server once, so that files which leave
 * nothing behind share one; every other file has a process of its own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of one process, in their order, below the root of the project. */
export type Batch = readonly string[]

/** What a file needs: a cluster, one with controllers, none, or a process of its own. */
export type BatchKind = 'alone' | 'onCluster' | 'onControlledCluster' | 'computing'

/** What a file that shares its process may not do. */
const changesProcess = [
  // Hooks for all tests; what is removed in the end may wait for the end of the process.
  /^(?:before|beforeEach|afterEach)\(/m,
  /process\.(?:env\[?[^=\n]*\]? = |chdir|exitCode =)|delete process\.env/,
  /\bmock\.(?:timers|module|method)/,
  // The cluster of all who import it, which nobody puts back.
  /import \{[^}]*\bclusterTest\b/,
]

/** What these start, stop or hide is shared by nobody. */
const aboutClusters = /^test\/(?:checks|cluster)\//

/**
 * Folders whose files change nothing outside of the process: they compute, or write into a temporary folder. Those of webhook/config wait for
 * what does not keep a process alive.
 */
const computing =
  /^test\/(?:plan|providers|routing|metrics|statistics|analysis|rules|readiness|trial|objects|view|manifests|scenarios|controllers|rollout|workloads|webhook\/(?:admission|cache|review|observe)|plugin(?!\/program)|live)\//

/** A group of tests on a cluster, with what that has. */
const clusters = /\bclusterTests\(([^)]*)\)|\bscenario\(/g
/** What makes it a cluster that no other file asks for. */
const ofItsOwn = /\b(?:\w+Flags|aggregatorRouting|users|port|serverNames):/

/** How many files a batch has at most. */
const most = { onCluster: 9, onControlledCluster: 5, computing: 48 }

/** All test files in batches; those that take longest are first, so that nothing long is left for the end. */
export function batchesOf(root: string, files: readonly string[]): readonly Batch[] {
  const kinds: Partial<Record<BatchKind, readonly string[]>> = Object.groupBy(files, file =>
    kindOf(file, readFileSync(join(root, file), 'utf8')),
  )
  const { alone = [], computing = [], onControlledCluster = [], onCluster = [] } = kinds
  return [
    ...alone.filter(isLong).map(file => [file]),
    ...dealt(onControlledCluster, most.onControlledCluster),
    ...dealt(onCluster, most.onCluster),
    ...alone.filter(file => !isLong(file)).map(file => [file]),
    ...dealt(computing, most.computing),
  ]
}

/**
 * Whether a file starts the plugin as a process on whatever machine a person has: such files are run on the executable too. Jobs run the
 * image's Node.
 */
export const startsPlugin = (file: string, text: string): boolean =>
  /^test\/plugin\/(?!run\/jobs\/)/.test(file) && /\bBuilt\.make\(/.test(text)

/** What a file's text says of the process that it can run in. */
export function kindOf(file: string, text: string): BatchKind {
  if (aboutClusters.test(file) || changesProcess.some(change => change.test(text))) return 'alone'
  const asked = [...text.matchAll(clusters)].map(([, options = '']) => options)
  const shared = asked.filter(options => !ofItsOwn.test(options))
  if (shared.some(options => options.includes('controllerManager: true'))) return 'onControlledCluster'
  if (shared.length > 0) return 'onCluster'
  return computing.test(file) && asked.length === 0 ? 'computing' : 'alone'
}

/** A release of the chart takes minutes, most of which it waits. */
const isLong = (file: string): boolean => /^test\/(?:charts|webhook\/cluster)\//.test(file)

/** Batches of at most so many files, in which neighbours are apart: what takes long is often side by side. */
function dealt(files: readonly string[], most: number): readonly Batch[] {
  const count = Math.ceil(files.length / most)
  return Array.from({ length: count }, (_, i) => files.filter((_, j) => j % count === i))
}
