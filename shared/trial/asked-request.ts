import type { Labels } from '../objects/kube-object.ts'

/** Who sends a request in the mesh: a workload by its name, or anything with these labels. */
export interface AskedCaller {
  /** As kubectl names kinds: `deployment`, `pod`; any when left out. */
  readonly kind?: string | undefined
  readonly name?: string | undefined
  readonly labels?: Labels | undefined
  /** That of the command when left out. */
  readonly namespace?: string | undefined
}

/** A request as a person describes it. */
export interface AskedRequest {
  readonly scheme: 'http' | 'https'
  /** In lower case, without a port. */
  readonly host: string
  /** Undefined where the scheme says it. */
  readonly port: number | undefined
  /** The Host header, where one was given; else it is the host, with the port where the scheme does not say it. */
  readonly authority?: string | undefined
  readonly path: string
  /** Without the `?`. */
  readonly query?: string | undefined
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly claims?: Readonly<Record<string, readonly string[]>> | undefined
  readonly from?: AskedCaller | undefined
  /** The gateway that it comes in by: `NAME` or `NAMESPACE/NAME`. */
  readonly via?: string | undefined
}

/** As it was typed: `http://catalog:8080/items?beta=1`. */
export const formatUrl = ({ scheme, host, port, path, query }: AskedRequest): string =>
  `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}${query === undefined ? '' : `?${query}`}`

/** The Host header that it is sent with: clients leave out the port that the scheme says (RFC 9110, 4.2.3). */
export const authorityOf = ({ authority, host, port }: AskedRequest): string =>
  authority ?? (port === undefined ? host : `${host}:${port}`)

/** The port that it goes to. */
export const portOf = ({ scheme, port }: AskedRequest): number => port ?? (scheme === 'https' ? 443 : 80)
