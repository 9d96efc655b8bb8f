/** FNV-1a over UTF-16 code units, 32 bits, in hexadecimal (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
