import { idOf } from '../../../routing/service.ts'
import type { RouteReading } from '../read/reading.ts'
import { mirrorsIn } from '../read/record.ts'
import { withoutMirrors } from './mirrors.ts'
import { basesIn, finished, withRestore, withRulesByKey, type RouteDraft } from './route-draft.ts'

/** A draft without the mirrors to some hosts, whoever wrote them, and without what is written down of these. */
export function endMirrors(
  { view, service }: RouteReading,
  draft: RouteDraft,
  isOver: (host: string) => boolean,
): RouteDraft {
  const rules = basesIn(view, draft, service).map(
    base => [base.key, withoutMirrors(view, base, { service, isOver })] as const,
  )
  const left = [...mirrorsIn(finished(draft), service)]
    .map(([key, hosts]) => [key, hosts.filter(host => !isOver(host))] as const)
    .filter(([, hosts]) => hosts.length > 0)
  return withRestore(withRulesByKey(draft, new Map(rules)), {
    mirrors: { ...draft.record.restore?.mirrors, [idOf(service)]: Object.fromEntries(left) },
  })
}
