/** The paths of HERA's integration endpoints. All of them take POST with a JSON body. */
export const endpoints = {
  connectors: '/api/v2/integrations/connectors',
  events: '/api/v2/integrations/events',
  logs: '/api/v2/integrations/logs',
} as const
