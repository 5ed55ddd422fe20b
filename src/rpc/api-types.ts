import type { z } from 'zod';
import type { Api, BytesMethod, CallMethod, EventsMethod } from '#contract/define';

type CallKeys<A extends Api> = { [K in keyof A]: A[K] extends CallMethod<z.ZodType, z.ZodType> ? K : never }[keyof A];
type EventKeys<A extends Api> = { [K in keyof A]: A[K] extends EventsMethod<z.ZodType, z.ZodType> ? K : never }[keyof A];
type ByteKeys<A extends Api> = { [K in keyof A]: A[K] extends BytesMethod<z.ZodType, z.ZodType> ? K : never }[keyof A];

export type CallName<A extends Api> = CallKeys<A> & string;
export type EventsName<A extends Api> = EventKeys<A> & string;
export type BytesName<A extends Api> = ByteKeys<A> & string;

/** What the caller writes (before parsing). */
export type InputOf<A extends Api, K extends keyof A> = z.input<A[K]['input']>;
/** What the handler reads (after parsing). */
export type ParsedOf<A extends Api, K extends keyof A> = z.output<A[K]['input']>;
export type OutputOf<A extends Api, K extends keyof A> =
  A[K] extends CallMethod<z.ZodType, infer O> ? z.output<O> : never;
export type ItemOf<A extends Api, K extends keyof A> =
  A[K] extends EventsMethod<z.ZodType, infer T> ? z.output<T> : never;
export type ResultOf<A extends Api, K extends keyof A> =
  A[K] extends BytesMethod<z.ZodType, infer R> ? z.output<R> : never;
