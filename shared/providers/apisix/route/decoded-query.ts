/**
 * The parameters of a query as APISIX compares them: decoded, and `+` is a blank; of several of one name the first counts
 * (apisix/core/ctx.lua reads them by ngx.req.get_uri_args of lua-nginx-module).
 */
export function decodedQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1)))
  }
  return parameters
}

/** Bytes that are written as `%20`; a `%` without two digits stays. */
const decoded = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
