/** Something of a vendor document that was not imported, or was changed. */
export interface ConversionNote {
  readonly what: string
  readonly reason: string
  /** Its places in the documents: file and JSON Pointer. */
  readonly places: readonly Place[]
}

export interface Place {
  readonly file: string
  readonly pointer: string
}

/** Lists everything that was not imported as it is. Equal remarks about several places are one note. */
export class ConversionReport {
  readonly #notes = new Map<string, { what: string; reason: string; places: Map<string, Place> }>()

  add(what: string, reason: string, place: Place): void {
    const key = JSON.stringify([what, reason])
    const note = this.#notes.get(key) ?? { what, reason, places: new Map() }
    note.places.set(`${place.file}#${place.pointer}`, place)
    this.#notes.set(key, note)
  }

  /** In the order in which they came up. */
  all(): readonly ConversionNote[] {
    return [...this.#notes.values()].map(({ what, reason, places }) => ({
      what,
      reason,
      places: [...places.values()],
    }))
  }
}
