import { defineCommand } from './command.ts'
import { definitions } from './options.ts'

export const command = defineCommand({
  description: 'serve the registry to AI assistants with the Model Context Protocol (MCP), on stdin and stdout',
  examples: ['mcp', 'mcp --definitions /path/to/definitions'],
  notes:
    'An MCP client starts the command; the README shows how to configure one. All tools only read. Changed definitions are\nread again at each call. Deliveries are interpreted without a network, so schemes whose key is fetched are not verified.',
  parameters: { definitions },
  async run(options, context) {
    const { serveOnStdio } = await import('./mcp-server.ts')
    await serveOnStdio(options, context)
    return 0
  },
})
