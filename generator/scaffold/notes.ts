/** Something of a published document that stands in no definition, or stands there otherwise. */
export interface Note {
  readonly what: string
  readonly reason: string
  /** Where it stands in the document: file and JSON Pointer. Equal remarks about several places are one note. */
  readonly places: readonly Place[]
}

export interface Place {
  readonly file: string
  readonly pointer: string
}

/** Collects what could not be carried over; the same said of many places is said once. */
export class Notes {
  readonly #notes = new Map<string, { what: string; reason: string; places: Map<string, Place> }>()

  add(what: string, reason: string, place: Place): void {
    const key = JSON.stringify([what, reason])
    const note = this.#notes.get(key) ?? { what, reason, places: new Map() }
    note.places.set(`${place.file}#${place.pointer}`, place)
    this.#notes.set(key, note)
  }

  /** In the order in which they came up. */
  all(): readonly Note[] {
    return [...this.#notes.values()].map(({ what, reason, places }) => ({ what, reason, places: [...places.values()] }))
  }
}
