/**
 * What Istio makes of small worlds, for a real Envoy: one gateway or one sidecar, VirtualServices with http routes, Services with HTTP
 * ports. No delegates, Sidecars, ServiceEntries, faults or TLS routes. Written after Istio's source (pilot/pkg/networking/core, 2026)
 * and apart from our own reading of the same objects, which it is there to check.
 */
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { Listener } from './bootstrap.ts'
import type { Routes } from './envoy.ts'
import type { Client } from './istio/client.ts'
import { gatewayHosts } from './istio/gateway.ts'
import { sidecarHosts } from './istio/sidecar.ts'

/** The RouteConfiguration that a client has. */
export function routesFor(objects: readonly KubeObject[], client: Client): Routes {
  const hosts = client.isGateway ? gatewayHosts(objects, client) : sidecarHosts(objects, client)
  return { virtual_hosts: hosts, ignore_port_in_host_matching: true }
}

/** The listener that reads requests as the client's does. */
export const listenerOf = ({ isGateway, isTls }: Client): Listener =>
  isGateway ? (isTls ? 'gateway-tls' : 'gateway') : 'sidecar'
