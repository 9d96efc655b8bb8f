import { readYaml } from '../read-yaml.ts'
import { kinds, type Kind } from '../../shared/objects/kinds.ts'
import { namespaceOf } from '../../shared/objects/kube-object.ts'
import { isApiServer } from '../../shared/plan/find/api-server.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import { chosenReaders } from '../commands/chosen-readers.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import { quotedWords } from '../../shared/objects/text/kubectl-commands.ts'
import type { KubeconfigNames, Names, RouteNames } from '../flags/completed.ts'
import { readForCommand, type CommandReading } from '../read/read-for-command.ts'
import type { Session } from '../session.ts'

/** Reads the names for one service, or for all of the namespace. */
export async function readNames(session: Session, service: string | undefined): Promise<Names> {
  const providers = chosenReaders(session)
  const { view, target } = await readObjects(session, service)
  const traffic = trafficOf(() => readTraffic(view, target, providers))
  return {
    services: unique(
      view
        .list('Service', target.namespace)
        .map(({ metadata: { name } }) => name)
        .filter(name => !isApiServer(view, { name, namespace: target.namespace })),
    ),
    versions: unique(traffic.flatMap(({ versions }) => versions.map(({ name }) => name))),
    cohorts: unique(
      traffic.flatMap(({ entryPoints }) =>
        entryPoints.flatMap(({ cohorts }) => cohorts.map(({ name }) => name)),
      ),
    ),
    gateways: unique(providers.flatMap(provider => provider.gateways(view, target.namespace))),
  }
}

/** Reads the routes of one service, or of all of the namespace; the edits of a service are loaded only here. */
export async function readRouteNames(session: Session, service: string | undefined): Promise<RouteNames> {
  const { routesToChoose } = await import('../../shared/plan/routes-to-choose.ts')
  const { view, target } = await readObjects(session, service)
  const { chosenProviders } = await import('../commands/chosen-providers.ts')
  const routes = routesToChoose(view, target, chosenProviders(session))
  return {
    routes: unique(routes.map(({ word }) => word)),
    virtualServices: unique(
      routes.map(({ object: { namespace, name } }) =>
        namespace === target.namespace ? name : `${namespace}/${name}`,
      ),
    ),
  }
}

async function readObjects(session: Session, service: string | undefined): Promise<CommandReading> {
  const providers = chosenReaders(session)
  const { namespace } = session.flags
  const scope = { service, namespace, command: quotedWords(session.argv), providers }
  const kindsWithNames = [...new Set<Kind>(providers.flatMap(({ names }) => names))]
  return readForCommand(await session.store(), scope, kindsWithNames)
}

/** The namespaces of the cluster; on files those of their objects. */
export async function readNamespaces(session: Session): Promise<readonly string[]> {
  const { view, live } = await (await session.store()).read({ namespaces: '*', kinds: ['Namespace'] })
  const named = view.list('Namespace').map(({ metadata }) => metadata.name)
  const ofObjects = live ? [] : kinds.flatMap(kind => view.list(kind)).map(namespaceOf)
  return unique([...named, ...ofObjects.filter(name => name !== '')])
}

/** What the kubeconfig names; no cluster is asked. */
export async function readKubeconfigNames({ flags, streams }: Session): Promise<KubeconfigNames> {
  const { readKubeconfig } = await import('../../shared/live/connection/login/kubeconfig.ts')
  const { config } = await readKubeconfig(flags.connection.kubeconfig, streams.env, readYaml)
  return {
    contexts: namesOf(config.contexts),
    clusters: namesOf(config.clusters),
    users: namesOf(config.users),
  }
}

/** A service that is half typed has no traffic. */
function trafficOf(read: () => readonly Traffic[]): readonly Traffic[] {
  try {
    return read()
  } catch {
    return []
  }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted()

const namesOf = (entries: readonly { readonly name: string }[]): readonly string[] =>
  unique(entries.map(({ name }) => name))
