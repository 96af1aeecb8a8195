// The door for what runs without a base: it loads neither the database nor the HTTP server.
export { takeInventory } from './devices/inventory.ts'
