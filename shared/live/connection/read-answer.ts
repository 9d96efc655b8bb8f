import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CanaryError } from '../../objects/canary-error.ts'
import type { ApiResponse } from './connection.ts'
import type { AnswerHead } from '../transport/pool.ts'

/** The body of an answer, unpacked. Its errors are seen by whoever reads it, and by nobody else. */
export function bodyOf({ headers, body }: AnswerHead): Readable {
  body.on('error', () => {})
  if (headers['content-encoding'] !== 'gzip') return body
  const gunzip = createGunzip()
  gunzip.on('error', () => {})
  body.once('error', error => gunzip.destroy(error))
  gunzip.once('close', () => body.destroy())
  return body.pipe(gunzip)
}

/**
 * The whole body; by events, since an iterator over a stream takes longer to set up than a small answer to
 * arrive.
 */
const readText = (body: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.on('data', (chunk: Buffer) => chunks.push(chunk))
    body.once('end', () => resolve(Buffer.concat(chunks).toString()))
    body.once('error', reject)
    body.once('close', () =>
      reject(Object.assign(new Error('the response ended early'), { code: 'ECONNRESET' })),
    )
  })

/** Reads an answer to its end; the server is named in errors. */
export async function readAnswer(answer: AnswerHead, server: string): Promise<ApiResponse> {
  const text = await readText(bodyOf(answer))
  const { status, headers } = answer
  const json = (): unknown => {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new CanaryError('failed', `${server} did not return JSON (status ${status})`, {
        cause: error,
        hints: ['Check that it is an API server: a proxy or a login page may have answered.'],
      })
    }
  }
  return { status, headers, warnings: warningsOf(headers['warning']), text, json }
}

/** The texts of `299 - "text"` entries; quotes in them are escaped. */
const warningsOf = (header: string | undefined): readonly string[] =>
  [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    text!.replace(/\\(.)/g, '$1'),
  )
