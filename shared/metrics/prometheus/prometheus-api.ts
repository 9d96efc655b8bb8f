/** One request to a server that speaks Prometheus's HTTP API. */
export interface PrometheusRequest {
  readonly method: 'GET' | 'POST'
  /** Below the server's address: `/api/v1/query`. */
  readonly path: string
  /** Parameters as `application/x-www-form-urlencoded`: the query of a GET, the body of a POST. */
  readonly form: string
  readonly signal: AbortSignal
}

/** An answer of any status, read to its end. */
export interface PrometheusReply {
  readonly status: number
  readonly contentType: string
  /** Where it redirects to. */
  readonly location?: string
  readonly text: string
}

/** A way to a server: its URL, or the API server's proxy of a Service. */
export interface PrometheusSource {
  /** How people name it: the URL without credentials, or `Service istio-system/prometheus`. */
  readonly name: string
  /** It takes GET only: a POST would need further rights. */
  readonly isGetOnly?: boolean
  /** Fails where there is no answer. */
  send(request: PrometheusRequest): Promise<PrometheusReply>
}

/** Why there is no answer to a query. */
export interface PrometheusFailure {
  readonly reason:
    | 'unreachable'
    | 'timeout'
    /** Who we are is not accepted (401). */
    | 'unauthorized'
    /** 403. */
    | 'forbidden'
    /** Something answers that is not Prometheus: HTML, a redirect, another API. */
    | 'not-prometheus'
    /** Prometheus refuses the query, or gives up on it. */
    | 'rejected'
    /** It answers 429, 502, 503 or 504 again and again. */
    | 'busy'
  /** What happened, without a full stop: `connect ECONNREFUSED 127.0.0.1:9090`. */
  readonly message: string
}

/** A server of live figures that gave none. */
export interface FailedSource extends PrometheusFailure {
  readonly source: string
  /** Named by a person, found in the cluster, or tried by a well-known name alone. */
  readonly known: 'named' | 'found' | 'guessed'
}

/** One time series of an answer; of an instant query it has one point. */
export interface PrometheusSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since 1970, and the value; it may be NaN or infinite. */
  readonly points: readonly (readonly [at: number, value: number])[]
}

/** What a query gave: data, or why there is none. No series at all is data, too. */
export type PrometheusAnswer<T> =
  | { readonly data: T; readonly warnings: readonly string[]; readonly failure?: undefined }
  | { readonly failure: PrometheusFailure; readonly warnings: readonly string[]; readonly data?: undefined }
