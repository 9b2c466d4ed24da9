// The repository around this project has a lock file of its own, which Next.js would take for the workspace root.
export default { turbopack: { root: import.meta.dirname } }
