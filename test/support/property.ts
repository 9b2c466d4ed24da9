import fc from 'fast-check'

// The same values in every run, so that a change is green or red by what it does; another seed looks further.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20261124) })

export { fc }
