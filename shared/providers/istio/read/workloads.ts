import type { ClusterView } from '../../../view/cluster-view.ts'
import { workloadOf, type ServiceWorkload } from '../../../workloads/service-workloads.ts'
import { backingsBehind } from '../resolve/endpoints.ts'
import { providersAt } from '../resolve/registry.ts'
import { hostOf, type RoutedService } from './routed-service.ts'

/** What runs behind a Service or the ServiceEntries of a host; none where the input does not tell. */
export const workloadsBehind = (view: ClusterView, service: RoutedService): readonly ServiceWorkload[] =>
  providersAt(view, hostOf(service)).flatMap(provider =>
    (backingsBehind(view, provider) ?? []).map(backing => workloadOf(view, backing, provider.ref.name)),
  )
