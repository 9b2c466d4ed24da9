import type { FindingKind } from '../check/finding-kinds.ts'
import { findingKinds } from '../check/finding-kinds.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { suggestion } from '../text/closest.ts'
import { defineCommand, parameter } from './command.ts'
import type { FieldExplanation } from './explain-field.ts'
import { fieldNames, fieldsNamed } from './explain-field.ts'
import { formatTable } from './format-table.ts'
import type { Outcome } from './outcome.ts'

export const command = defineCommand({
  description: 'explain a finding or a field, with examples; without a name, list all findings',
  examples: ['explain event/pointer-unresolved', 'explain webhook.handshakes', 'explain'],
  parameters: {
    code: parameter('[name]', 'code in brackets after a finding, or a field of the format, such as unpack'),
  },
  run: async ({ code }) => explain(code),
})

/** Explains a finding, with a bad and a good example, or a field of the format; without a name, lists all findings. */
export function explain(code: string | undefined): Outcome {
  if (code === undefined) return everyKind()
  const kind = findingKinds.find((candidate) => candidate.code === code)
  if (kind === undefined) {
    const fields = fieldsNamed(code)
    if (fields.length > 0)
      return { exitCode: 0, json: { fields }, text: (colors) => fields.map((one) => field(one, colors)).join('\n') }
    const known = findingKinds.map((candidate) => candidate.code)
    throw new OperationalError(
      `no finding or field is called "${code}"${suggestion(code, [...known, ...fieldNames])}`,
      {
        help: 'hera-connectors explain lists all findings; the format reference lists all fields',
      },
    )
  }
  return { exitCode: 0, json: kind, text: (colors) => explained(kind, colors) }
}

function everyKind(): Outcome {
  return {
    exitCode: 0,
    json: { findings: findingKinds },
    text: () => {
      const rows = findingKinds.map(({ code, summary, why }) => [code, summary ?? why])
      return formatTable(['code', 'what holds, or why not'], rows).join('\n')
    },
  }
}

function explained(kind: FindingKind, { bold, red, green, cyan, dim }: Colors): string {
  const { code, summary, why, bad, good, help, about, waivable } = kind
  return [
    bold(code),
    ...(summary === undefined ? [] : [summary]),
    '',
    why,
    '',
    red('bad'),
    indented(bad),
    '',
    green('good'),
    indented(good),
    '',
    ...(help === undefined ? [] : [`${cyan('help:')} ${help}`]),
    ...(about.length === 0 ? [] : [`${cyan('about:')} ${about.join(', ')}`]),
    dim(waivable ? waiverFor(code) : 'It cannot be waived.'),
    '',
  ].join('\n')
}

function field(
  { field: name, description, values, fields, example }: FieldExplanation,
  { bold, green }: Colors,
): string {
  const rows = [...Object.entries(values), ...Object.entries(fields)]
  return [
    bold(name),
    description,
    '',
    ...(example === undefined ? [] : [green('example'), indented(example), '']),
    ...rows.map(([key, text]) => `  ${bold(key)}: ${text}`),
    ...(rows.length === 0 ? [] : ['']),
  ].join('\n')
}

function waiverFor(code: string): string {
  const entry = `waivers: [{ rule: ${code}, at: <JSON Pointer to the place>, reason: <why it is wrong here> }]`
  return `Where it is wrong, waive it in the definition:\n${indented(entry)}`
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
