import { z } from 'zod';

/** Request and reply. `mutates` asks for an `operationId` in the input, so that a retry is not done twice. */
export interface CallMethod<I extends z.ZodType, O extends z.ZodType> {
  readonly kind: 'call';
  readonly input: I;
  readonly output: O;
  readonly mutates: boolean;
}

/** Bounded subscription: a stream of items until either side ends it. By convention the first item is a snapshot. */
export interface EventsMethod<I extends z.ZodType, T extends z.ZodType> {
  readonly kind: 'events';
  readonly input: I;
  readonly item: T;
}

/** Binary stream with credit in both directions; the server ends it with `result`. */
export interface BytesMethod<I extends z.ZodType, R extends z.ZodType> {
  readonly kind: 'bytes';
  readonly input: I;
  readonly result: R;
}

export type Method =
  | CallMethod<z.ZodType, z.ZodType>
  | EventsMethod<z.ZodType, z.ZodType>
  | BytesMethod<z.ZodType, z.ZodType>;

export type Api = Readonly<Record<string, Method>>;

const nothing = z.undefined();

export const query = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O): CallMethod<I, O> => ({
  kind: 'call',
  input,
  output,
  mutates: false,
});

type WithOperation<S extends z.ZodRawShape> = z.ZodObject<S & { operationId: z.ZodUUID }>;

export const mutation = <S extends z.ZodRawShape, O extends z.ZodType = typeof nothing>(
  input: z.ZodObject<S>,
  output?: O,
): CallMethod<WithOperation<S>, O> => ({
  kind: 'call',
  input: input.extend({ operationId: z.uuid() }) as unknown as WithOperation<S>,
  output: output ?? (nothing as unknown as O),
  mutates: true,
});

export const events = <I extends z.ZodType, T extends z.ZodType>(input: I, item: T): EventsMethod<I, T> => ({
  kind: 'events',
  input,
  item,
});

export const bytes = <I extends z.ZodType, R extends z.ZodType = typeof nothing>(
  input: I,
  result?: R,
): BytesMethod<I, R> => ({ kind: 'bytes', input, result: result ?? (nothing as unknown as R) });

/** Keeps the literal method names in the type. */
export const defineApi = <A extends Api>(api: A): A => api;
