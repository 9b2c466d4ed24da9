import type { Explanation } from '../diagnostics/explanation.ts'
import { snippet } from '../diagnostics/explanation.ts'

/** Why a file cannot be read. */
export const loadDiagnostics = {
  'load/duplicate-key': {
    why: 'A field that stands twice would silently lose one of its values, and nobody can say which one was meant.',
    bad: snippet`
      vendor: Acme
      vendor: Acme Inc
    `,
    good: 'vendor: Acme',
  },
  'load/empty': {
    why: 'An empty file registers nothing; most often it was saved before it was written.',
    bad: '# yaml-language-server: $schema=../schema/connector.schema.json',
    good: snippet`
      # yaml-language-server: $schema=../schema/connector.schema.json
      code: acme-crm
    `,
  },
  'load/encoding': {
    why: 'Text in another encoding would reach the database and the guide as other letters than were meant.',
    bad: snippet`
      name: Caf\xe9, saved as ISO 8859-1
    `,
    good: 'name: Café, saved as UTF-8',
    describesFile: true,
  },
  'load/endless-alias': {
    why: 'An alias inside of what it stands for never ends when it is written out.',
    bad: snippet`
      notes: &notes
        - *notes
    `,
    good: snippet`
      notes:
        - Addresses are personal data.
    `,
  },
  'load/extension': {
    why: 'Tools look for .yaml; a .yml beside it would be read by some and not by others.',
    bad: 'definitions/acme-crm.yml',
    good: 'definitions/acme-crm.yaml',
    describesFile: true,
  },
  'load/forbidden-key': {
    why: 'JavaScript gives __proto__ a meaning of its own, so that a field of this name would change objects, not hold data.',
    bad: snippet`
      capabilities:
        __proto__: [contacts]
    `,
    good: snippet`
      capabilities:
        sync_objects: [contacts]
    `,
  },
  'load/inexact-number': {
    why: 'JavaScript and JSON readers round whole numbers beyond 2^53, so that an id would become another id.',
    bad: 'example: 12345678901234567890',
    good: 'example: "12345678901234567890"',
  },
  'load/key-not-text': {
    why: 'Every field has a name; a number, a date or a list in its place means that quotes or a name are missing.',
    bad: snippet`
      sources:
        2026: { title: Documentation, read: "2026-11-23" }
    `,
    good: snippet`
      sources:
        docs-2026: { title: Documentation, read: "2026-11-23" }
    `,
  },
  'load/lone-surrogate': {
    why: 'PostgreSQL and every UTF-8 file refuse half of a surrogate pair.',
    bad: snippet`
      name: "Acme \ud83d"
    `,
    good: 'name: "Acme 😀"',
  },
  'load/merge-conflict': {
    why: 'Both sides of a merge stand in the file, and only a person can say which one holds.',
    bad: snippet`
      <<<<<<< HEAD
      vendor: Acme
      =======
      vendor: Acme Inc
      >>>>>>> feature
    `,
    good: 'vendor: Acme Inc',
  },
  'load/not-a-file': {
    why: 'A connector is one file; a folder or a device in its place cannot be reviewed as one.',
    bad: 'definitions/acme-crm.yaml/part.yaml',
    good: 'definitions/acme-crm.yaml',
    describesFile: true,
  },
  'load/not-yaml': {
    why: 'A download that failed, or a page saved from a browser, is markup and no definition.',
    bad: snippet`
      <!DOCTYPE html>
      <html><body>404: Not Found</body></html>
    `,
    good: snippet`
      # yaml-language-server: $schema=../schema/connector.schema.json
      code: acme-crm
    `,
  },
  'load/control-character': {
    why: 'In double quotes a backslash begins an escape, so the \\b of a pattern becomes a character that nobody sees.',
    bad: snippet`
      pattern: "\bhttps"
    `,
    good: snippet`
      pattern: '\bhttps'
    `,
  },
  'load/nul': {
    why: 'PostgreSQL cannot store the character NUL in text; a file that holds one is often UTF-16 or binary.',
    bad: snippet`
      name: "Acme\0"
    `,
    good: 'name: Acme',
  },
  'load/sample': {
    why: 'A sample delivery is read from a file beside the definition, so that it is reviewed and tried with it.',
    bad: 'file: samples/acme-crm/gone.json',
    good: 'file: samples/acme-crm/contact-created.json',
    describesFile: true,
  },
  'load/symlink': {
    why: 'A link would bring in what lies elsewhere and what nobody has reviewed here.',
    bad: 'definitions/acme-crm.yaml -> ../elsewhere/acme.yaml',
    good: 'definitions/acme-crm.yaml',
    describesFile: true,
  },
  'load/too-deep': {
    why: 'No definition nests a hundred levels deep; what does is broken, or means to exhaust the reader.',
    bad: '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
    good: '[[one], [two]]',
  },
  'load/too-complex': {
    why: 'A few lines of references that refer to one another twice each stand for millions of schemas; checks count their work and stop, so that nobody can keep a build busy.',
    bad: 'schemas whose references, written out, are more than 10,000, or examples that take more than 1,000,000 steps to check',
    good: 'an event as vendors send it, with a few examples',
    describesFile: true,
  },
  'load/too-large': {
    why: 'A definition takes some dozens of KB; a megabyte is a mistake, or means to exhaust the reader.',
    bad: 'a file of 2 MB',
    good: 'a file of 40 KB',
    describesFile: true,
  },
  'load/too-many-values': {
    why: 'Aliases of aliases grow to billions of values when they are written out.',
    bad: snippet`
      a: &a [x, x, x, x, x, x, x, x, x]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
      c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
      d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
      e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
      f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]
    `,
    good: 'a: [x, y, z]',
  },
  'load/unknown-alias': {
    why: 'A value that begins with an asterisk repeats what an anchor above it names; without one there is nothing to repeat.',
    bad: 'legal: *terms',
    good: 'legal: "*terms"',
  },
  'load/yaml-version': {
    why: 'Older versions of YAML read words such as yes and no as true and false.',
    bad: snippet`
      %YAML 1.1
      ---
      code: acme-crm
    `,
    good: 'code: acme-crm',
  },
} satisfies Readonly<Record<string, Explanation>>

/** Why a text is not YAML, or not the YAML that a definition may contain. */
export const syntaxDiagnostics = {
  'yaml/brackets': {
    why: 'What begins with a bracket goes on until it is closed, with its entries parted by commas.',
    bad: 'personal_data: [/email, /address/street',
    good: 'personal_data: [/email, /address/street]',
  },
  'yaml/character': {
    why: 'Spaces that come along when text is pasted look like spaces, and part nothing for YAML.',
    bad: 'name: Acme CRM\nvendor:\u00a0Acme',
    good: snippet`
      name: Acme CRM
      vendor: Acme
    `,
  },
  'yaml/colon': {
    why: 'A field is a name, a colon, a space and a value.',
    bad: snippet`
      name: Acme CRM
      vendor:Acme
    `,
    good: snippet`
      name: Acme CRM
      vendor: Acme
    `,
  },
  'yaml/documents': {
    why: 'One file holds one connector, so that its name, its review and its history are its own.',
    bad: snippet`
      code: acme-crm
      ---
      code: zenith-crm
    `,
    good: 'code: acme-crm',
  },
  'yaml/indentation': {
    why: 'Indentation says what belongs to what. Levels are two spaces apart, and fields of one mapping stand in one column.',
    bad: snippet`
      - name: searches
         scope: user
    `,
    good: snippet`
      - name: searches
        scope: user
    `,
  },
  'yaml/quotes': {
    why: 'Text that begins with a sign of YAML, or holds a colon and a space, must be quoted, or YAML reads something else. An apostrophe inside of single quotes is written twice; inside of double quotes a backslash is.',
    bad: 'legal: Acme terms: see the site.',
    good: 'legal: "Acme terms: see the site."',
  },
  'yaml/syntax': {
    why: 'The file cannot be read as YAML here. The place is where the reader stumbled; the cause may stand a line above.',
    bad: snippet`
      // the terms
      legal: Acme terms of use.
    `,
    good: snippet`
      # the terms
      legal: Acme terms of use.
    `,
  },
  'yaml/tab': {
    why: 'YAML forbids tabs as indentation, since nobody can tell how wide they are.',
    bad: 'legal: Acme terms of use.\n\tdeletion: None.',
    good: snippet`
      legal: Acme terms of use.
      deletion: Acme sends no deletion events.
    `,
  },
  'yaml/tag': {
    why: 'Tags make YAML readers build objects. A definition is plain data, so that reading it is safe.',
    bad: 'legal: !important Acme terms of use.',
    good: 'legal: "!important Acme terms of use."',
  },
} satisfies Readonly<Record<string, Explanation>>
