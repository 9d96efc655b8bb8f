import { elide } from '../status/fit.ts'
import { widthOf } from '../table.ts'

/** The size of letters in a picture. */
export interface Letters {
  /** In pixels. */
  readonly size: number
}

export const titleLetters: Letters = { size: 12 }
export const lineLetters: Letters = { size: 11 }
export const headLetters: Letters = { size: 14 }

/**
 * No letter of the usual monospaced fonts is wider, in parts of their size: Menlo, DejaVu, Liberation Mono and Courier
 * New have 0.6 or 0.602, Consolas 0.55; East Asian letters, which count as two, have 1.0.
 */
const widest = 0.62

/** How wide a text is at most, in pixels, in a monospaced font. */
export const measure = (text: string, { size }: Letters): number => Math.ceil(widthOf(text) * size * widest)

/** The text with so many letters at most. */
export const shortened = (text: string, letters: number): string => elide(text, letters, { cut: 'middle' })
