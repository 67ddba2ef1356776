// The one public door: everything that a processor, a provider or a plugin may use. Inside a published package this is
// `gatehouse/sdk`; nothing behind it reaches into the machine.
export { Type, type Static, type TSchema } from 'typebox'
export * from './segment.ts'
export * from './processor.ts'
export * from './usage.ts'
export * from './message.ts'
export * from './event.ts'
export * from './translation.ts'
export * from './dialect.ts'
export * from './provider.ts'
export * from './plugin.ts'
export * from './record.ts'
export * from './error.ts'
