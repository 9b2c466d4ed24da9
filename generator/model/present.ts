/** An object with the members that have a value, so that generated literals stay short. */
export function present<Value extends object>(members: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Value
}
