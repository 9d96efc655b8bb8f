import type { ApisixBackend, ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { formatPath } from '../../../objects/paths.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { partsOf, type SharedPart } from '../../../providers/apisix/resolve/parts.ts'
import { rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import type { Path } from '../../rule.ts'

/** A backend of a rule, where it is written, and what happens to its requests. */
export interface PlacedPart extends SharedPart {
  readonly backend: ApisixBackend
  readonly place: Path
  /** Whether it would get requests if nothing were missing. */
  readonly receives: boolean
  /** Whether it is the first that is not skipped: the upstream of the rule itself, without which the rule answers 503. */
  readonly isFirst: boolean
  /** Whether another backend or upstream of the rule is there. */
  readonly hasOthers: boolean
}

/** Every backend of a route that is a Service. What is not in view counts as missing. */
export const placedParts = (view: ClusterView, route: ApisixRoute): readonly PlacedPart[] =>
  rulesOf(route).flatMap((rule, i) => {
    const parts = partsOf(view, route, { rule, complete: true })
    const isOfNone = parts.every(({ weight }) => weight === 0)
    const there = parts.filter(({ skipped }) => skipped === undefined)
    return parts.flatMap((part, j) =>
      part.backend === undefined
        ? []
        : [
            {
              ...part,
              backend: part.backend,
              place: ['spec', 'http', i, 'backends', j],
              receives: part.weight > 0 || isOfNone,
              isFirst: part === there[0],
              hasOthers: there.some(each => each !== part),
            },
          ],
    )
  })

/** The backend at the place of a finding; `field` is what the finding is on. */
export const partAt = (
  view: ClusterView,
  route: ApisixRoute,
  { path, field }: { readonly path: Path; readonly field: string },
): PlacedPart | undefined =>
  placedParts(view, route).find(({ place }) => formatPath([...place, field]) === formatPath(path))

/** The Service of a backend as people say it. */
export const nameOfPart = (route: ApisixRoute, { name }: Pick<PlacedPart, 'name'>): string =>
  `Service ${quotedName(`${namespaceOf(route)}/${name}`)}`

/** What a finding about a backend is about: the same wherever its rule stands. */
export const aboutPart = ({ name, backend, receives }: PlacedPart): string =>
  `${name} ${backend.servicePort ?? ''}${receives ? '' : ' idle'}`

/** What happens to the requests of a backend that is skipped. */
export function lossOf({ receives, hasOthers }: PlacedPart): string {
  if (!hasOthers) return ': all requests of the rule are answered with 503'
  return receives ? ': APISIX skips it, and the other backends get its share' : ''
}
