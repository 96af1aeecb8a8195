// The door for what runs without a base: it loads neither the database nor the HTTP server.
export { isSafePath, ordered } from './snapshot/domain.ts'
