type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment for a call of git that names its own folder. A hook that git runs inherits GIT_DIR and others, which
 * would direct the call to another repository or index.
 */
export function gitEnvironment(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_')))
}
