import { AppError } from '#contract/errors';

/** Spoken in the first frame of both sides; a different number ends the connection. */
export const protocolVersion = 1;

/** One frame's limit, bytes, header included. Byte streams are cut into much smaller pieces. */
export const maximumFrame = 4 * 1024 * 1024;

const types = ['hello', 'open', 'cancel', 'credit', 'ok', 'err', 'next', 'end', 'bytes'] as const;
export type FrameType = (typeof types)[number];

/** `hello` goes first; `bytes` is `next` of a binary stream, whose payload is not JSON. */
export interface Frame {
  readonly type: FrameType;
  /** Chosen by the client, unique while open. */
  readonly id: number;
  readonly payload: Uint8Array;
}

const headerSize = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const nothing = new Uint8Array(0);

/** One byte of type, four of id (big endian), then the payload. */
export const encodeFrame = (type: FrameType, id: number, payload: Uint8Array = nothing): Uint8Array => {
  const frame = new Uint8Array(headerSize + payload.byteLength);
  frame[0] = types.indexOf(type);
  new DataView(frame.buffer).setUint32(1, id);
  frame.set(payload, headerSize);
  if (frame.byteLength > maximumFrame) throw new AppError('protocol', 'This is too large to send in one piece.');
  return frame;
};

export const encodeJson = (type: FrameType, id: number, value: unknown): Uint8Array =>
  encodeFrame(type, id, value === undefined ? nothing : encoder.encode(JSON.stringify(value)));

/** @throws AppError `protocol` on anything that is not a frame. */
export const decodeFrame = (bytes: Uint8Array): Frame => {
  const type = types[bytes[0] ?? -1];
  if (type === undefined || bytes.byteLength < headerSize || bytes.byteLength > maximumFrame)
    throw new AppError('protocol', 'The other side sent something that is not a frame.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { type, id: view.getUint32(1), payload: bytes.subarray(headerSize) };
};

/** @throws AppError `protocol` when the payload is not JSON. */
export const decodeJson = (payload: Uint8Array): unknown => {
  if (payload.byteLength === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(payload));
  } catch {
    throw new AppError('protocol', 'The other side sent a frame that is not JSON.');
  }
};
