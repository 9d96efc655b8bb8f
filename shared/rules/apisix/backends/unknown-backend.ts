import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { deadBackend } from '../../facts/routed-backends.ts'
import { nameMeant } from '../../facts/names/meant.ts'
import { formatPath, type Rule, type Worsening } from '../../rule.ts'
import { unknownUpstreams } from '../../facts/backends/unknown-upstreams.ts'
import { aboutPart, lossOf, nameOfPart, partAt, placedParts } from '../../facts/backends/placed-parts.ts'

const worsening: Worsening = {
  summary: 'An error in both if the change deletes a Service that gets requests.',
  weigh({ before, after }, finding) {
    const route = after.get(finding.ref) as ApisixRoute | undefined
    const part = route && partAt(after, route, { path: finding.path, field: 'serviceName' })
    if (route === undefined || part?.receives !== true) return undefined
    const { name } = part
    return before.get({ kind: 'Service', namespace: namespaceOf(route), name }) === undefined
      ? undefined
      : { severity: { webhook: 'error', lint: 'error' } }
  },
}

/** The controller skips what is missing and shares all requests among the others; before 2.0 it does not apply the route. */
export const unknownApisixBackend: Rule<'ApisixRoute'> = {
  id: 'unknown-backend',
  family: deadBackend,
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A backend of an HTTPRoute, GRPCRoute or ApisixRoute is a Service or ApisixUpstream that exists.',
  fix: 'Create the Service, or correct its name or namespace.',
  subject: 'ApisixRoute',
  reads: ['Service', 'ApisixUpstream'],
  needs: ['Service'],
  *check(view, route, { complete }) {
    const namespace = namespaceOf(route)
    for (const part of placedParts(view, route)) {
      if (part.skipped !== 'BackendNotFound') continue
      const meant = nameMeant(view, { kind: 'Service', namespace, name: part.name })
      const path = [...part.place, 'serviceName']
      yield {
        path,
        message:
          (part.name === ''
            ? 'the backend names no Service'
            : `${nameOfPart(route, part)} ${complete ? 'does not exist' : 'is not among the objects that were read'}`)
          + (meant !== undefined ? `; did you mean ${meant}?` : complete ? lossOf(part) : ''),
        about: aboutPart(part),
        absent: 'other',
        ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant}` }),
        tells: [{ kind: 'Service', namespace }],
        restsOn: [{ kind: 'Service', namespace, name: part.name }],
      }
    }
    yield* unknownUpstreams(view, route, complete)
  },
  worsening,
}
