import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixBackend } from '../../../objects/apisix/apisix-route.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf, type Labels } from '../../../objects/kube-object.ts'
import { fieldsOf, labelsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { portFor } from '../../../workloads/routes/version-port.ts'
import { isVersionLabel } from '../../../workloads/version-services.ts'
import type { ApisixRoutedRule } from '../read/routed-rules.ts'
import { subsetLabelsOf } from '../resolve/subsets.ts'
import { whereIs } from './places.ts'

/** A backend for the Service of a host, with the fields of one that the rule has. */
export function backendAt(view: ClusterView, base: ApisixRoutedRule, host: string): ApisixBackend {
  const template = base.parts.find(({ isOwn }) => isOwn)!
  const { serviceName: _n, weight: _w, subset: _s, servicePort: said, ...fields } = template.backend!
  const serviceName = serviceOfHost(host, view.mesh.clusterDomain)!.name
  const port = portFor(view, { host, template: template.host, said, where: whereIs(base) })
  const subset = subsetAt(view, base, { of: template.backend!, name: serviceName })
  return {
    serviceName,
    ...(port !== undefined && { servicePort: port }),
    ...fields,
    ...(subset !== undefined && { subset }),
  }
}

interface SubsetQuestion {
  /** The backend that a new one is made after. */
  readonly of: ApisixBackend
  /** The Service of the new one. */
  readonly name: string
}

/**
 * The subset of a new backend that stands for the one of another: of the same name, and none where it would choose no
 * other pods than the version's Service does. Throws a CanaryError `refused` where the new one would get pods that the
 * subset leaves out.
 */
function subsetAt(view: ClusterView, base: ApisixRoutedRule, asked: SubsetQuestion): string | undefined {
  const subset = textOf(asked.of.subset)
  if (subset === undefined) return undefined
  const namespace = namespaceOf(base.route)
  const { serviceName: of = '' } = asked.of
  if (subsetLabelsOf(view, { namespace, name: asked.name }, subset) !== undefined) return subset
  const labels = subsetLabelsOf(view, { namespace, name: of }, subset)
  const selector = labelsOf(
    fieldsOf(view.get({ kind: 'Service', namespace, name: asked.name })?.spec)['selector'],
  )
  if (labels !== undefined && leftOutBy(labels, selector).length === 0) return undefined
  throw new CanaryError(
    'refused',
    `${whereIs(base)} leads to subset ${subset} of Service ${of}, which Service ${asked.name} does not have`,
    {
      hints: [
        `Define ${subset} in spec.subsets of ApisixUpstream ${namespace}/${asked.name}, `
          + 'or take the subset out of the backend; then repeat this command.',
      ],
    },
  )
}

/** The labels of a subset that neither say a version nor are selected anyway. */
const leftOutBy = (labels: Labels, selector: Labels): readonly string[] =>
  Object.keys(labels).filter(key => !isVersionLabel(key) && selector[key] !== labels[key])
