/** The rows as the database has them: text, numbers and nulls. `json` columns hold what `rows.ts` encodes. */
type Text = string;
type Maybe = string | null;

interface Versioned {
  id: Text;
  version: number;
  technicianId: Text;
}

export interface Tables {
  migrations: { name: Text; appliedAt: Text };
  meta: { key: Text; value: Text };
  machines: Versioned & {
    name: Text;
    ownerId: Maybe;
    addresses: Text;
    ssh: number;
    port: number;
    userName: Maybe;
    signIn: Text;
    legacyAlgorithms: number;
    tags: Text;
    site: Maybe;
    osFamily: Text;
    os: Maybe;
    serial: Maybe;
    model: Maybe;
    purchasedOn: Maybe;
    warrantyUntil: Maybe;
    remarks: Maybe;
    createdAt: Text;
    updatedAt: Text;
    lastSeenAt: Maybe;
    archivedAt: Maybe;
  };
  people: Versioned & {
    name: Text;
    email: Maybe;
    phone: Maybe;
    department: Maybe;
    site: Maybe;
    createdAt: Text;
    updatedAt: Text;
    archivedAt: Maybe;
  };
  credentials: Versioned & {
    name: Text;
    kind: Text;
    userName: Maybe;
    fingerprint: Maybe;
    keyType: Maybe;
    createdAt: Text;
  };
  sessions: Versioned & {
    channel: Text;
    machineId: Maybe;
    personId: Maybe;
    reason: Text;
    state: Text;
    startedAt: Text;
    endedAt: Maybe;
    draft: Maybe;
    outcome: Maybe;
  };
  noteRevisions: { sessionId: Text; version: number; text: Text; savedAt: Text; technicianId: Text };
  timeline: {
    sessionId: Text;
    consoleId: Text;
    sequence: number;
    at: Text;
    technicianId: Text;
    kind: Text;
    salt: Maybe;
    payload: Maybe;
    payloadHash: Text;
    previousHash: Text;
    hash: Text;
  };
  attachments: { hash: Text; sessionId: Text; name: Text; mime: Text; size: number; addedAt: Text };
}
