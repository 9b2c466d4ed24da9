/** Two entries of a list between which the comma is missing, as a finding and its remedy. */
export function twoInOne(text: string): readonly [message: string, help: string] {
  return [`"${text}" holds a ${text.includes(';') ? 'semicolon' : 'space'}`, 'put a comma between the two']
}
