import type { FieldForm, FieldForms } from '../kit/template.ts'
import type { ConnectorField } from './connector.ts'
import { present } from './present.ts'

/** The form of the values of a field, besides its type. */
export function formOf({ options, default: usual, prefix, suffix, pattern, hosts }: ConnectorField): FieldForm {
  return present<FieldForm>({ type: undefined, options, default: usual, prefix, suffix, pattern, hosts })
}

/** The forms of fields that have more than the type of a string; undefined if there are none. */
export function formsOf(fields: readonly ConnectorField[]): FieldForms | undefined {
  const forms = fields.flatMap((field) => {
    const form = { ...(field.type === 'url' ? { type: field.type } : {}), ...formOf(field) }
    return Object.keys(form).length === 0 ? [] : [[field.name, form] as const]
  })
  return forms.length === 0 ? undefined : Object.fromEntries(forms)
}
