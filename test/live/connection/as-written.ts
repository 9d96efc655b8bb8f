import { exportCluster, exportUser } from '@kubernetes/client-node/dist/config_types.js'
import type { Login } from '../../../shared/live/connection/login/login.ts'

type Fields = Readonly<Record<string, unknown>>

/** A login's cluster and user as a kubeconfig spells them, with nothing where nothing is said. */
export function asWritten({ cluster, user }: Pick<Login, 'cluster' | 'user'>): {
  readonly cluster: object
  readonly user: object
} {
  const { cluster: spelled } = exportCluster(cluster) as { readonly cluster: Fields }
  const { user: known } = exportUser(user) as { readonly user: Fields }
  const rest = {
    tokenFile: user.tokenFile,
    'as-uid': user.impersonateUid,
    'as-groups': user.impersonateGroups,
  }
  return { cluster: saying(spelled), user: saying({ ...known, ...rest }) }
}

const saying = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== false),
  )
