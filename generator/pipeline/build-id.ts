declare const __BUILD_ID__: string | undefined

/**
 * Names everything that went into the command: its code, its templates, the definition format, and the libraries. A run
 * from the sources has no such name and keeps no index, since it cannot detect a change of the code.
 */
export const buildId: string | undefined = typeof __BUILD_ID__ === 'string' ? __BUILD_ID__ : undefined
