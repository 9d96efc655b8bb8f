import { controllers } from '../../controllers/controllers.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'
import type { OwnedVerb, PlacedName } from '../../routing/controller.ts'

type Commands = Readonly<Record<OwnedVerb, (owner: PlacedName) => string>>

const at = ({ namespace, name }: PlacedName): string => `${shellWord(name)} -n ${shellWord(namespace)}`

/** https://knative.dev/docs/serving/traffic-management/ */
const traffic = (owner: PlacedName): string =>
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

/** The same error, where a controller stands against an edit with its own command or field for it. */
export function withOwnerCommand(error: unknown, verb: OwnedVerb): unknown {
  if (!(error instanceof CanaryError) || error.owner === undefined) return error
  const [, kind = '', namespace = '', name = ''] = /^(\S+) ([^/]+)\/(.+)$/.exec(error.owner) ?? []
  const owner = { namespace, name }
  const command =
    kind === 'Ingress'
      ? ingress[verb](owner)
      : controllers.find(controller => controller.kind === kind)?.instead(verb, owner)
  if (command === undefined) return error
  return new CanaryError(error.code, error.message, {
    hints: [command, ...error.hints],
    owner: error.owner,
    cause: error,
  })
}
