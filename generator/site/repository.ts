import { execFileSync } from 'node:child_process'
import { gitEnvironment } from '../text/git-environment.ts'

/**
 * The https address of the repository on its forge: what a pipeline says of itself, or where the checkout came from.
 * Undefined where neither is known, for then no page can be edited there.
 */
export function repositoryAddress(folder: string): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env
  if (server && name) return `${server}/${name}`
  return webAddress(originOf(folder))
}

/** The page of a remote: `git@github.com:owner/name.git` → `https://github.com/owner/name`. */
export function webAddress(remote: string): string | undefined {
  const [, host, path] =
    /^(?:https?:\/\/(?:[^@/]*@)?|ssh:\/\/git@|git@)([\w.-]+)[:/](.+?)(?:\.git)?\/?$/.exec(remote) ?? []
  return host && path ? `https://${host}/${path}` : undefined
}

function originOf(folder: string): string {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], {
      cwd: folder,
      encoding: 'utf8',
      env: gitEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
