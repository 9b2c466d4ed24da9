type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment for a call of git with an explicit folder. A hook that git runs inherits GIT_DIR and others, which
 * would direct the call to another repository or index.
 */
export function gitEnvironment(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_')))
}
