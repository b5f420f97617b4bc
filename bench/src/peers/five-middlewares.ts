/** Whose pages may use the service, with middlewares. */
export const allowedOrigin = 'https://example.com'

/** Where nobody is limited: many times what any candidate can answer. */
export const hugeRate = 1_000_000
