import { join } from 'node:path'

/** The listeners of the test's Envoy. They differ as those that Istio generates: an HTTP port of a gateway, one with TLS, and a sidecar's outbound port. */
export const listeners = ['gateway', 'gateway-tls', 'sidecar'] as const

/** The name of a listener; its routes have the same name. */
export type Listener = (typeof listeners)[number]

/** The socket of a listener. Sockets of the file system need no port and cannot be reached from another machine. */
export const socketOf = (folder: string, listener: Listener | 'echo'): string =>
  join(folder, `${listener}.sock`)

/** The file that Envoy reads a listener's routes from, and watches. */
export const routesOf = (folder: string, listener: Listener): string => join(folder, `${listener}.json`)

/** The clusters that routes may lead to. All are the echo listener, which answers with what it was sent. */
export const echoClusters: readonly string[] = Array.from({ length: 8 }, (_, index) => `echo-${index}`)

/** The clusters of versions, each at a socket where a test may answer. */
export const versionClusters = ['v1', 'v2', 'v3'] as const

/** The socket of a version. */
export const versionSocketOf = (folder: string, version: (typeof versionClusters)[number]): string =>
  join(folder, `${version}.sock`)

/**
 * Envoy's configuration, with the settings that decide how a request is read as Istio sets them: `extractRuntimeFlags` in
 * pkg/bootstrap/config.go and `buildHTTPConnectionManager` in pilot/pkg/networking/core/listener_builder.go, for the mesh's
 * default path normalization (BASE).
 */
export const bootstrap = (folder: string): object => ({
  node: { id: 'test', cluster: 'test' },
  layered_runtime: {
    layers: [
      {
        name: 'istio',
        static_layer: {
          're2.max_program_size.error_level': 32768,
          'envoy.reloadable_features.http_reject_path_with_fragment': false,
        },
      },
    ],
  },
  static_resources: {
    listeners: [...listeners.map(name => listenerFor(folder, name)), echoListener(folder)],
    clusters: [
      ...echoClusters.map(name => clusterAt(name, socketOf(folder, 'echo'))),
      ...versionClusters.map(name => clusterAt(name, versionSocketOf(folder, name))),
    ],
  },
})

const httpConnectionManager =
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'
const router = typed('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {})

function listenerFor(folder: string, name: Listener): object {
  return listenerAt(socketOf(folder, name), name, {
    normalize_path: true,
    path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
    use_remote_address: name !== 'sidecar',
    // Without certificates: all that a route sees of TLS is the scheme.
    ...(name === 'gateway-tls' && { scheme_header_transformation: { scheme_to_overwrite: 'https' } }),
    rds: {
      route_config_name: name,
      config_source: {
        resource_api_version: 'V3',
        path_config_source: { path: routesOf(folder, name) },
      },
    },
  })
}

const echoListener = (folder: string): object => echoAt(socketOf(folder, 'echo'), 'echo')

/** A listener at a socket that answers with its name, and with what it was sent. */
export function echoAt(path: string, name: string): object {
  const sent = {
    'x-sent-path': '%REQ(:PATH)%',
    'x-sent-authority': '%REQ(:AUTHORITY)%',
    'x-sent-cluster': '%REQ(X-CLUSTER)%',
    'x-answered-by': name,
  }
  return listenerAt(path, name, {
    route_config: {
      virtual_hosts: [
        {
          name: 'echo',
          domains: ['*'],
          routes: [{ match: { prefix: '' }, direct_response: { status: 200 } }],
        },
      ],
      response_headers_to_add: Object.entries(sent).map(([key, value]) => ({ header: { key, value } })),
    },
  })
}

/** A listener for requests at a socket. */
export function listenerAt(path: string, name: string, settings: object): object {
  const manager = { stat_prefix: name, http_filters: [router], ...settings }
  return {
    name,
    address: { pipe: { path } },
    filter_chains: [
      { filters: [typed('envoy.filters.network.http_connection_manager', httpConnectionManager, manager)] },
    ],
  }
}

/** A cluster with one endpoint, at a socket. */
export function clusterAt(name: string, path: string): object {
  const address = { pipe: { path } }
  return {
    name,
    type: 'STATIC',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  }
}

function typed(name: string, type: string, config: object): object {
  return { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } }
}
