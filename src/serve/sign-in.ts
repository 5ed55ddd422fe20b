import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#core/ports';

/** Milliseconds a sign-in code may wait for its one use. */
export const codeLifetime = 60_000;

/** Windows that may be signed in at once; the oldest is signed out for a new one. */
const maximumWindows = 50;

/** `__Host-` cookies need https; on a random name of this computer alone the name is only a name. */
export const cookieName = 'deskside';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const secret = (): string => randomBytes(32).toString('base64url');

/** Codes that sign one window in, and the cookies that windows keep. Only digests are kept here. */
export class SignIn {
  private readonly codes: { readonly digest: Buffer; readonly until: number }[] = [];
  private readonly cookies: Buffer[] = [];

  constructor(private readonly clock: Clock) {}

  /** A new code of 256 bits, base64url: one use, within `codeLifetime`. */
  createCode(): string {
    const code = secret();
    this.dropLate();
    this.codes.push({ digest: digest(code), until: this.clock.now() + codeLifetime });
    return code;
  }

  /** The value of the cookie to set, or nothing when the code is wrong, was used or came too late. */
  redeem(code: string): string | undefined {
    this.dropLate();
    const given = digest(code);
    const index = this.codes.findIndex((one) => timingSafeEqual(one.digest, given));
    if (index < 0) return undefined;
    this.codes.splice(index, 1);
    const cookie = secret();
    this.cookies.push(digest(cookie));
    if (this.cookies.length > maximumWindows) this.cookies.shift();
    return cookie;
  }

  /** Whether a `Cookie` header holds a cookie that was given out. */
  admits(header: string | undefined): boolean {
    const given = (header ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${cookieName}=`))
      .map((pair) => digest(pair.slice(cookieName.length + 1)));
    return given.some((one) => this.cookies.some((cookie) => timingSafeEqual(cookie, one)));
  }

  private dropLate(): void {
    const now = this.clock.now();
    for (let index = this.codes.length - 1; index >= 0; index--)
      if ((this.codes[index]?.until ?? 0) < now) this.codes.splice(index, 1);
  }
}
