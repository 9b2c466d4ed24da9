import { memoizeByConnector } from '../memoize-by-connector.ts'
import { indentedJson } from './indented-json.ts'

/** A connector with all defaults filled in, as JSON text. */
export const modelJson = memoizeByConnector(indentedJson)
