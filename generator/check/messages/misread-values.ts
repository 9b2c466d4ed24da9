import { beginsWithMark } from '../list-fix.ts'
import { isBareNull, signBehindKey } from '../schema-fix.ts'
import type { Message, SchemaViolation } from './message.ts'

/** A value that YAML takes for something else than its author meant: for a comment, an anchor, one long text. */
export function misreadValue(violation: SchemaViolation): Message | undefined {
  const { error } = violation
  if (error.keyword === 'enum' && isBareNull(violation.document, error, violation.path)) return BARE_NULL
  if (error.keyword !== 'type') return undefined
  if (typeof error.data === 'string' && error.params.type === 'array' && beginsWithMark(error.data))
    return /^-\S/.test(error.data) ? DASH_GLUED : OTHER_MARK
  return error.data === null ? signTaken(violation) : undefined
}

const BARE_NULL: Message = {
  code: 'enum',
  message: 'null without quotes means nothing; the type is the text "null"',
  help: 'write [string, "null"]',
  at: 'value',
}

const DASH_GLUED: Message = {
  code: 'type',
  message: 'a space is missing after the dash',
  help: 'write "- " before each entry',
  at: 'value',
}

const OTHER_MARK: Message = {
  code: 'type',
  message: 'a list entry begins with "- ", a hyphen and a space',
  help: 'write "- " before each entry',
  at: 'value',
}

function signTaken({ document, path }: SchemaViolation): Message | undefined {
  const sign = signBehindKey(document, path)
  if (sign === undefined) return undefined
  const message =
    sign.sign === '&'
      ? { message: 'what begins with "&" is a YAML anchor, so the value is empty', help: 'put the text in quotes' }
      : {
          message: 'the value is only a comment, so the field is empty',
          help: 'write the value before the "#"; if the # belongs to the text, put all of it in quotes',
        }
  return { code: 'type', ...message, at: 'value', span: sign.span }
}
