/** A namespace where a canary is routed and nothing is wrong, behind a guard with its real rules. */
import assert from 'node:assert/strict'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import type { Cluster, Outcome } from '../../cluster/cluster.ts'
import type { ClusterTest } from '../../cluster/cluster-test.ts'
import { guarded, type Guarded } from './guarded.ts'
import { all, destinationRule, route, service } from './manifests.ts'

export const deployment = (version: string, labels = `app: catalog, version: ${version}`): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog-${version} }
spec:
  selector: { matchLabels: { app: catalog, name: catalog-${version} } }
  template:
    metadata: { labels: { name: catalog-${version}, ${labels} } }
    spec: { containers: [{ name: c, image: c }] }
`
export const routed: readonly string[] = [
  service,
  deployment('v1'),
  deployment('v2'),
  destinationRule(['v1', 'v2']),
  route(90, 10),
]

export interface Scene {
  readonly cluster: Cluster
  readonly namespace: string
  readonly guard: Guarded
  /** kubectl in the namespace of the test. */
  readonly kubectl: (args: string, stdin?: string) => Promise<Outcome>
  readonly refused: (rule: string, args: string, stdin?: string) => Promise<string>
  readonly taken: (args: string, stdin?: string) => Promise<void>
}

/** One test in such a namespace. */
export const routedTests =
  (real: ClusterTest) =>
  (title: string, body: (scene: Scene) => Promise<void>): void => {
    real(title, async cluster => {
      const namespace = await cluster.namespace()
      await cluster.apply(all(...routed), { namespace })
      await using guard = await guarded(cluster, { rules: guardedRules })
      const kubectl = (args: string, stdin = ''): Promise<Outcome> =>
        cluster.kubectl([...args.split(' '), '-n', namespace], { stdin })
      await body({
        cluster,
        namespace,
        guard,
        kubectl,
        refused: async (rule, args, stdin) => {
          const { code, stderr } = await kubectl(args, stdin)
          assert.equal(code, 1, `${args} was taken`)
          assert.ok(stderr.includes(`[${rule}] `), stderr)
          return stderr
        },
        taken: async (args, stdin) => {
          const { code, stderr } = await kubectl(args, stdin)
          assert.equal(code, 0, stderr)
        },
      })
    })
  }
