/**
 * JSON as the value that it stands for. Throws an Error that, unlike JSON.parse's own, quotes nothing of the
 * text: it may be a Secret's, and errors are logged.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Error(
      text.trimStart().startsWith('<') ? 'the response is HTML, not JSON' : 'the response is not JSON',
    )
  }
}
