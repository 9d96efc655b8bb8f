import { CanaryError } from '../../objects/canary-error.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'

/** What a person wanted of a service that a controller drives. */
export type OwnedVerb = 'init' | 'cohort' | 'weight' | 'mirror' | 'promote' | 'abort' | 'undo'

interface OwnerName {
  readonly namespace: string
  readonly name: string
}

type Commands = Readonly<Record<OwnedVerb, (owner: OwnerName) => string>>

const at = ({ namespace, name }: OwnerName): string => `${shellWord(name)} -n ${shellWord(namespace)}`

/** https://argo-rollouts.readthedocs.io/en/stable/features/canary/ and .../traffic-management/ */
const rollout: Commands = {
  init: owner =>
    `Its routes are those of spec.strategy.canary.trafficRouting.istio: kubectl edit rollout ${at(owner)}`,
  cohort: owner =>
    `Send a cohort with a step setHeaderRoute in spec.strategy.canary.steps: kubectl edit rollout ${at(owner)}`,
  weight: owner =>
    `Set the share with a step setWeight in spec.strategy.canary.steps: kubectl edit rollout ${at(owner)}`,
  mirror: owner =>
    `Mirror with a step setMirrorRoute in spec.strategy.canary.steps: kubectl edit rollout ${at(owner)}`,
  promote: owner => `Promote it there: kubectl argo rollouts promote ${at(owner)} --full`,
  abort: owner => `Abort it there: kubectl argo rollouts abort ${at(owner)}`,
  undo: owner => `Undo it there: kubectl argo rollouts undo ${at(owner)}`,
}

/** https://docs.flagger.app/usage/how-it-works and .../deployment-strategies */
const canary: Commands = {
  init: owner => `Its routes are those of spec.service: kubectl edit canary ${at(owner)}`,
  cohort: owner => `Send a cohort with spec.analysis.match: kubectl edit canary ${at(owner)}`,
  weight: owner =>
    `Set the shares with spec.analysis.stepWeight, stepWeights and maxWeight: kubectl edit canary ${at(owner)}`,
  mirror: owner => `Mirror with spec.analysis.mirror and mirrorWeight: kubectl edit canary ${at(owner)}`,
  promote: owner =>
    `Promote without more analysis: kubectl patch canary ${at(owner)} --type=merge -p '{"spec":{"skipAnalysis":true}}'`,
  abort: owner =>
    `Flagger goes back when the Deployment in spec.targetRef does: kubectl get canary ${at(owner)} -o jsonpath='{.spec.targetRef.name}'`,
  undo: owner =>
    `Flagger goes back when the Deployment in spec.targetRef does: kubectl get canary ${at(owner)} -o jsonpath='{.spec.targetRef.name}'`,
}

/** https://knative.dev/docs/serving/traffic-management/ */
const traffic = (owner: OwnerName): string =>
  `Its shares are spec.traffic of the Knative Service: kn service update ${at(owner)} --traffic REVISION=PERCENT`
const ingress: Commands = {
  init: traffic,
  cohort: owner => `Knative sends requests by tags: kn service update ${at(owner)} --tag REVISION=TAG`,
  weight: traffic,
  mirror: owner =>
    `Knative mirrors no requests; give the revision a share: kn service update ${at(owner)} --traffic REVISION=PERCENT`,
  promote: owner => `Send everything to the newest: kn service update ${at(owner)} --traffic @latest=100`,
  abort: traffic,
  undo: traffic,
}

const byKind: Readonly<Record<string, Commands>> = { Rollout: rollout, Canary: canary, Ingress: ingress }

/** The same error, where a controller stands against an edit with its own command or field for it. */
export function withOwnerCommand(error: unknown, verb: OwnedVerb): unknown {
  if (!(error instanceof CanaryError) || error.owner === undefined) return error
  const [, kind = '', namespace = '', name = ''] = /^(\S+) ([^/]+)\/(.+)$/.exec(error.owner) ?? []
  const command = Object.hasOwn(byKind, kind) ? byKind[kind]![verb]({ namespace, name }) : undefined
  if (command === undefined) return error
  return new CanaryError(error.code, error.message, {
    hints: [command, ...error.hints],
    owner: error.owner,
    cause: error,
  })
}
