import { z } from 'zod';
import { daySchema, idSchema, instantSchema, longText, shortText, versionSchema } from './basics.ts';

export const osFamilies = ['linux', 'macos', 'windows', 'bsd', 'other'] as const;
export const osFamilySchema = z.enum(osFamilies);

/** A host name, an IPv4 or an IPv6 address; no user, no port, no scheme. */
export const addressSchema = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9._:%-]+$/, 'Write a host name or an IP address, without user name or port.');

/** How the technician signs in over SSH. `credential` names a saved one; the others keep no secret. */
export const signInSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ask') }),
  z.object({ kind: z.literal('agent') }),
  z.object({ kind: z.literal('credential'), credentialId: idSchema }),
]);

const machineFields = z.object({
  name: shortText.min(1, 'Give the machine a name.'),
  ownerId: idSchema.optional(),
  addresses: z.array(addressSchema).max(10),
  /** False: no SSH on this machine, it is helped by screen share only. */
  ssh: z.boolean(),
  port: z.int().min(1).max(65_535),
  userName: shortText.optional(),
  signIn: signInSchema,
  /** Marked option for old equipment: also offers algorithms that ssh-audit warns about. */
  legacyAlgorithms: z.boolean(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20),
  site: shortText.optional(),
  osFamily: osFamilySchema,
  os: shortText.optional(),
  serial: shortText.optional(),
  model: shortText.optional(),
  purchasedOn: daySchema.optional(),
  warrantyUntil: daySchema.optional(),
  remarks: longText.optional(),
});

export const machineInputSchema = machineFields;
export type MachineInput = z.infer<typeof machineInputSchema>;

export const machineSchema = machineFields.extend({
  id: idSchema,
  version: versionSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** Last time a connection to it succeeded. */
  lastSeenAt: instantSchema.optional(),
  archivedAt: instantSchema.optional(),
  technicianId: idSchema,
});
export type Machine = Readonly<z.infer<typeof machineSchema>>;

export const personInputSchema = z.object({
  name: shortText.min(1, 'Give the person a name.'),
  email: shortText.optional(),
  phone: shortText.optional(),
  department: shortText.optional(),
  site: shortText.optional(),
});
export type PersonInput = z.infer<typeof personInputSchema>;

export const personSchema = personInputSchema.extend({
  id: idSchema,
  version: versionSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  archivedAt: instantSchema.optional(),
  technicianId: idSchema,
});
export type Person = Readonly<z.infer<typeof personSchema>>;
