import { z } from 'zod';
import { idSchema, instantSchema } from './basics.ts';

export const permissionSchema = z.enum(['see', 'point']);
export type Permission = z.infer<typeof permissionSchema>;

/** An invitation as the technician hands it out. */
export const invitationSchema = z.object({
  shareId: idSchema,
  /** Holds >= 128 bits in its fragment; whoever has it may join once. */
  link: z.url(),
  /** Where a spoken code is typed in. */
  address: z.url(),
  /** Routing digits, then secret digits: `418 902 771`. */
  code: z.string(),
  expiresAt: instantSchema,
  /** What the user's browser will say, if anything. */
  warning: z.string().optional(),
});
export type Invitation = Readonly<z.infer<typeof invitationSchema>>;

export const shareSchema = z.object({
  id: idSchema,
  sessionId: idSchema,
  state: z.enum(['invited', 'joined', 'ended']),
  expiresAt: instantSchema,
});
export type Share = Readonly<z.infer<typeof shareSchema>>;

/** Opaque to the core: what the two browsers say to each other until they have their own channel. */
export const signalSchema = z.object({ type: z.string().max(40), body: z.string().max(65_536) });
export type Signal = Readonly<z.infer<typeof signalSchema>>;

/** What a browser gets once its code or link was right. */
export const admissionSchema = z.object({
  shareId: idSchema,
  technician: z.string(),
  organisation: z.string(),
  reason: z.string(),
  /** Authenticates both fingerprints; base64url, 256 bits. */
  pairingSecret: z.string(),
});
export type Admission = Readonly<z.infer<typeof admissionSchema>>;
