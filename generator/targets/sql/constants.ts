import { CONNECTOR_TYPE, EVENT_TYPE } from './seed-item.ts'
import { textLiteral, uuidLiteral } from './sql.ts'

/** What every script says in the same words: whose rows these are, who writes them, and of which types they are. */
export const constants = {
  platform: uuidLiteral('00000000-0000-0000-0000-000000000000'),
  actor: uuidLiteral('00000000-0000-0000-0000-000000000001'),
  connector_type: textLiteral(CONNECTOR_TYPE),
  event_type: textLiteral(EVENT_TYPE),
}
