import type { Labels } from '../../objects/kube-object.ts'

/** Whose proxy decides about a request: a workload's own, or a gateway's. */
export interface RequestCaller {
  readonly kind: 'workload' | 'gateway'
  readonly namespace: string
  readonly labels: Labels
}

/** One HTTP request as its caller's proxy reads it. */
export interface Request {
  readonly caller: RequestCaller
  /** The Host header, with or without a port. */
  readonly host: string
  /** The port that it was sent to. */
  readonly port: number
  /** Whether it reached the proxy over TLS; its server name is the host. */
  readonly tls?: boolean
  /** Left out: `https` over TLS, else `http`. */
  readonly scheme?: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Without the `?`, as it was sent: `beta=1&v=2`. */
  readonly query?: string
  /** The parameters of the query, where the proxy does not compare them as they were sent. */
  readonly parameters?: ReadonlyMap<string, string>
  /** By name, in any case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** The values of each claim of its verified token (JWT), by the path of the claim: `group`, `realm.roles`. */
  readonly claims?: Readonly<Record<string, readonly string[]>>
}
