import { z } from 'zod';
import { idSchema, instantSchema, shortText, versionSchema } from './basics.ts';

/** What may open the vault: Electron safeStorage, the system's keyring, or a passphrase. */
export const wrappingSchema = z.enum(['safe-storage', 'keyring', 'passphrase']);
export type Wrapping = z.infer<typeof wrappingSchema>;

export const vaultStatusSchema = z.object({
  /** `absent`: no vault yet; secrets are asked for and not kept until one is made. */
  state: z.enum(['absent', 'locked', 'unlocked']),
  wrappings: z.array(wrappingSchema).readonly(),
  /** What this host could use to make or open a vault; `passphrase` is always there. */
  available: z.array(wrappingSchema).readonly(),
});
export type VaultStatus = Readonly<z.infer<typeof vaultStatusSchema>>;

/** A saved credential that machines share. Its secret only ever goes in. */
export const credentialSchema = z.object({
  id: idSchema,
  version: versionSchema,
  name: shortText.min(1),
  kind: z.enum(['password', 'key']),
  userName: shortText.optional(),
  /** SHA-256 fingerprint of a key, OpenSSH form. */
  fingerprint: z.string().optional(),
  keyType: z.string().optional(),
  createdAt: instantSchema,
  technicianId: idSchema,
});
export type Credential = Readonly<z.infer<typeof credentialSchema>>;

export const credentialSecretSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(4096) }),
  z.object({
    kind: z.literal('key'),
    /** OpenSSH or PEM text. */
    privateKey: z.string().min(1).max(65_536),
    passphrase: z.string().max(4096).optional(),
  }),
]);
export type CredentialSecret = z.infer<typeof credentialSecretSchema>;
