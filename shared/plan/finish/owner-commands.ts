import { controllers } from '../../controllers/controllers.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'
import { changeOwner, type OwnedVerb, type PlacedName } from '../../routing/controller.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { formatPosition, type Sources } from '../../view/sources.ts'
import { serviceOf, wordsFor } from '../controllers/controlled.ts'
import type { Target } from '../intent.ts'

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
  cleanup: traffic,
}

/** Where a controller stands against an edit. */
export interface OwnedEdit {
  readonly verb: OwnedVerb
  readonly view: ClusterView
  readonly target: Pick<Target, 'live' | 'fileWords'>
  readonly sources?: Pick<Sources, 'positionOf'> | undefined
}

/** The same error, where a controller stands against an edit with its own command or field for it. */
export function withOwnerCommand(error: unknown, edit: OwnedEdit): unknown {
  if (!(error instanceof CanaryError) || error.owner === undefined) return error
  const [, kind = '', namespace = '', name = ''] = /^(\S+) ([^/]+)\/(.+)$/.exec(error.owner) ?? []
  const owner = { namespace, name }
  const commands = kind === 'Ingress' ? [ingress[edit.verb](owner)] : adviceOf({ kind, owner }, edit)
  if (commands.length === 0) return error
  return new CanaryError(error.code, error.message, {
    hints: [...commands, ...error.hints.flatMap(hint => furtherHint(hint, error.owner!, edit.verb))],
    owner: error.owner,
    cause: error,
  })
}

/** Where its controller says what to change, only the other way is left to say; what is left over there is none of ours. */
function furtherHint(hint: string, owner: string, verb: OwnedVerb): readonly string[] {
  if (hint !== changeOwner(owner)) return [hint]
  return verb === 'cleanup' ? [] : ['Or remove its ownership first to do the rollout by hand.']
}

/** What the controller of an object says to do instead: on a cluster by a command, in files by an edit of the file. */
function adviceOf(
  { kind, owner }: { readonly kind: string; readonly owner: PlacedName },
  { verb, view, target, sources }: OwnedEdit,
): readonly string[] {
  const controller = controllers.find(each => each.kind === kind)
  if (controller === undefined) return []
  const ref = { kind: controller.kind, ...owner }
  const object = view.get(ref)
  const live = target.live === true
  const service = object === undefined ? owner : serviceOf(view, { controller, object, owner: keyOf(ref) })
  const position = live ? undefined : sources?.positionOf(ref, ['spec'])
  return controller.instead(verb, {
    owner,
    object,
    named: wordsFor(service),
    files: live ? '' : (target.fileWords ?? ''),
    edit: live
      ? `kubectl edit ${kind.toLowerCase()} ${at(owner)}`
      : `edit ${keyOf(ref)} in ${position === undefined ? 'its file' : formatPosition(position)}`,
    live,
  })
}
