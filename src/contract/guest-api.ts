import { z } from 'zod';
import { emptySchema } from './basics.ts';
import { defineApi, events, query } from './define.ts';
import { admissionSchema, signalSchema } from './shares.ts';

/** Everything the helped user's browser may ask. One connection is one guest; `admit` must come first. */
export const guestApi = defineApi({
  /** `link` is the fragment of the invitation's link, `code` the spoken digits in any spacing. */
  'guest.admit': query(
    z.object({ link: z.string().max(200).optional(), code: z.string().max(40).optional(), browser: z.string().max(300) }),
    admissionSchema,
  ),
  'guest.signals': events(emptySchema, signalSchema),
  'guest.signal': query(z.object({ signal: signalSchema }), z.undefined()),
});

export type GuestApi = typeof guestApi;
