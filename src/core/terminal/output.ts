/** Bytes of output kept for a viewer that comes later. */
export const ringSize = 1024 * 1024;

/** The end of a terminal's output, addressed by offset since its start. */
export class OutputRing {
  private chunks: Uint8Array[] = [];
  private first = 0;
  private next = 0;

  constructor(private readonly limit: number = ringSize) {}

  /** Offset of the oldest byte that is kept. */
  get start(): number {
    return this.first;
  }

  /** Offset after the newest byte. */
  get end(): number {
    return this.next;
  }

  append(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.chunks.push(chunk);
    this.next += chunk.byteLength;
    let excess = this.next - this.first - this.limit;
    while (excess > 0) {
      const oldest = this.chunks[0];
      if (oldest === undefined) return;
      if (oldest.byteLength <= excess) this.chunks.shift();
      else this.chunks[0] = oldest.subarray(excess);
      const dropped = Math.min(oldest.byteLength, excess);
      this.first += dropped;
      excess -= dropped;
    }
  }

  /** At most `maximum` bytes from `offset`, which must be kept still. */
  read(offset: number, maximum: number): Uint8Array {
    const result = new Uint8Array(Math.max(0, Math.min(maximum, this.next - offset)));
    let position = this.first;
    let filled = 0;
    for (const chunk of this.chunks) {
      if (filled === result.byteLength) break;
      const from = Math.max(0, offset + filled - position);
      if (from < chunk.byteLength) {
        const piece = chunk.subarray(from, from + result.byteLength - filled);
        result.set(piece, filled);
        filled += piece.byteLength;
      }
      position += chunk.byteLength;
    }
    return result;
  }
}
