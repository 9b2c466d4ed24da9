import { parse, v5 } from 'uuid'

/** Namespace of every id that this project derives. It never changes: ids in live databases follow from it. */
const NAMESPACE = parse('6f0f0c5e-7d0a-5f5b-9c52-2f0c8d7c4a11')

/** Derives the id of a row from what it stands for, so that two databases agree on it. */
export function deriveId(
  kind: 'connector' | 'connector_config' | 'event' | 'event_definition' | 'supports',
  code: string,
): string {
  return v5(`${kind}:${code}`, NAMESPACE)
}
