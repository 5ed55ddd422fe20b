import { machineInputSchema, type Machine, type MachineInput } from '#contract/machines';

/** What the form holds: text as it was typed. */
export interface MachineFields {
  readonly name: string;
  readonly ownerId: string | null;
  readonly addresses: string;
  readonly ssh: boolean;
  readonly port: string;
  readonly userName: string;
  readonly osFamily: Machine['osFamily'];
  readonly os: string;
  readonly site: string;
  readonly tags: string;
  readonly model: string;
  readonly serial: string;
  readonly purchasedOn: string;
  readonly warrantyUntil: string;
  readonly legacyAlgorithms: boolean;
}

export const fieldsOf = (machine: Machine | undefined): MachineFields => ({
  name: machine?.name ?? '',
  ownerId: machine?.ownerId ?? null,
  addresses: machine?.addresses.join(', ') ?? '',
  ssh: machine?.ssh ?? true,
  port: String(machine?.port ?? 22),
  userName: machine?.userName ?? '',
  osFamily: machine?.osFamily ?? 'linux',
  os: machine?.os ?? '',
  site: machine?.site ?? '',
  tags: machine?.tags.join(', ') ?? '',
  model: machine?.model ?? '',
  serial: machine?.serial ?? '',
  purchasedOn: machine?.purchasedOn ?? '',
  warrantyUntil: machine?.warrantyUntil ?? '',
  legacyAlgorithms: machine?.legacyAlgorithms ?? false,
});

const list = (text: string): string[] => text.split(/[,\s]+/).filter(Boolean);
const optional = (text: string): string | undefined => text.trim() || undefined;

export type FieldErrors = Readonly<Partial<Record<keyof MachineFields, string>>>;

/** Messages by field, from issues whose path is `addresses.1` or `port`. */
export const errorsByField = (issues: readonly { readonly path: string; readonly message: string }[]): FieldErrors =>
  Object.fromEntries(issues.map(({ path, message }) => [path.split('.')[0], message]));

/** The machine to save, or what is wrong at which field. What the form does not show is kept from `before`. */
export const readFields = (
  fields: MachineFields,
  before: Machine | undefined,
): { readonly machine: MachineInput } | { readonly errors: FieldErrors } => {
  const port = Number(fields.port);
  const addresses = list(fields.addresses);
  const own: FieldErrors = {
    ...(fields.ssh && addresses.length === 0
      ? { addresses: 'Write the address that SSH connects to, or switch SSH off.' }
      : undefined),
    ...(Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : { port: 'Write a port from 1 to 65535.' }),
  };
  const parsed = machineInputSchema.safeParse({
    signIn: before?.signIn ?? { kind: 'ask' },
    remarks: before?.remarks,
    name: fields.name,
    ownerId: fields.ownerId ?? undefined,
    addresses,
    ssh: fields.ssh,
    port,
    userName: optional(fields.userName),
    osFamily: fields.osFamily,
    os: optional(fields.os),
    site: optional(fields.site),
    tags: fields.tags.split(',').map((tag) => tag.trim()).filter(Boolean),
    model: optional(fields.model),
    serial: optional(fields.serial),
    purchasedOn: optional(fields.purchasedOn),
    warrantyUntil: optional(fields.warrantyUntil),
    legacyAlgorithms: fields.legacyAlgorithms,
  });
  if (parsed.success && Object.keys(own).length === 0) return { machine: parsed.data };
  const issues = parsed.error?.issues.map(({ path, message }) => ({ path: path.join('.'), message })) ?? [];
  return { errors: { ...errorsByField(issues), ...own } };
};
