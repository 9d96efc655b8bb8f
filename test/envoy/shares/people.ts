/** Users of a Service, with browsers that keep cookies. */
import { Connection, type RawResponse } from '../connection.ts'

/** A user, and the cookies that they have. */
export class User {
  readonly #cookies = new Map<string, string>()

  /** The headers that the browser sends; other cookies stand around. */
  get headers(): readonly (readonly [string, string])[] {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`)
    return pairs.length === 0 ? [] : [['cookie', ['theme=dark', ...pairs, 'lang=de'].join('; ')]]
  }

  take({ cookies }: RawResponse): void {
    for (const cookie of cookies) {
      const [pair = ''] = cookie.split(';')
      const equals = pair.indexOf('=')
      this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
    }
  }
}

export interface Visit {
  readonly host: string
  readonly headers?: readonly (readonly [string, string])[]
  /** Browsers that forget. */
  readonly keepsNothing?: boolean
}

/** So many requests are under way at a time. */
const atOnce = 4

/**
 * Every user asks once, half of them for `/items`, over a few connections to a socket; the version that answered each,
 * in their order.
 */
export async function visitAll(
  users: readonly User[],
  path: string,
  { host, headers = [], keepsNothing = false }: Visit,
): Promise<readonly string[]> {
  const answered: string[] = Array.from({ length: users.length })
  let next = 0
  const walk = async (): Promise<void> => {
    const connection = new Connection(path)
    for (let i = next++; i < users.length; i = next++) {
      const user = users[i]!
      const own = keepsNothing ? [] : user.headers
      const response = await connection.send({
        method: 'GET',
        target: i % 2 === 0 ? '/items/1' : '/',
        headers: [['host', host], ...headers, ...own],
      })
      answered[i] = response.headers['x-version'] ?? `status ${response.status}`
      if (!keepsNothing) user.take(response)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: atOnce }, walk))
  return answered
}
