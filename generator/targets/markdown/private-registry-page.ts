import { packageName, packageSource, repositoryName } from '../../compiled/package.js'
import type { OutputFile } from '../../model/connector.ts'
import { guidePage } from './guide-page.ts'

/** A repository with its own definitions, from nothing to a green pipeline. */
export function privateRegistryPage(): OutputFile {
  return guidePage(
    {
      name: 'private-registry',
      title: 'A private registry',
      description:
        'Keep your own definitions next to the public connectors, from an empty repository to a green pipeline.',
    },
    { package_name: packageName, package_source: packageSource, repository: repositoryName },
  )
}
