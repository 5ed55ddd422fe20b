import { z } from 'zod';
import { idSchema, shortText } from './basics.ts';

/** Who works at this console; guests see both names. */
export const profileSchema = z.object({
  technicianId: idSchema,
  technician: shortText.min(1, 'Write your name as users know it.'),
  organisation: shortText.min(1, 'Write the name of your organisation.'),
});
export type Profile = Readonly<z.infer<typeof profileSchema>>;

export const themeSchema = z.enum(['system', 'light', 'dark']);

export const preferencesSchema = z.object({
  theme: themeSchema.default('system'),
  terminalFontSize: z.int().min(8).max(32).default(13),
  panels: z.record(z.string().max(60), z.number()).default({}),
});
export type Preferences = Readonly<z.infer<typeof preferencesSchema>>;

export const consoleInfoSchema = z.object({
  consoleId: idSchema,
  version: z.string(),
  host: z.enum(['electron', 'serve']),
  dataDirectory: z.string(),
});
export type ConsoleInfo = Readonly<z.infer<typeof consoleInfoSchema>>;
